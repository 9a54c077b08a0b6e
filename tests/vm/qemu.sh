# shellcheck shell=bash disable=SC2034,SC2054 # used where it is sourced; QEMU's options have commas
# SPDX-License-Identifier: GPL-2.0-only
# qemu.sh: to be sourced; how virtual machines are started here. KVM where it works, emulation elsewhere.

# kvm_usable: a processor without the extensions may well have a /dev/kvm, in which guests never start
kvm_usable() {
	grep -qwE 'vmx|svm' /proc/cpuinfo && (: <> /dev/kvm) 2>/dev/null
}

# BOUND CMD: the command ends with the script that started it, even where that is killed.
BOUND=(setpriv --pdeathsig TERM)
# What takes an emulated processor time and a test nothing is off: AVX, a fifth level of page tables, string moves
# byte by byte, and addresses that change with each start, for which code would have to be translated anew. With one
# thread there are no atomic instructions to emulate.
QEMU=(qemu-system-x86_64 -M q35 -nodefaults -display none -monitor none -no-reboot
	-cpu max,avx=off,avx2=off,la57=off,smap=off,smep=off,pcid=off,erms=off,fsrm=off)
QEMU_APPEND="quiet panic=-1 mitigations=off no_timer_check norandmaps nokaslr"
QEMU_ACCEL=(-accel tcg,thread=single)
if kvm_usable; then
	QEMU_ACCEL=(-accel kvm "${QEMU_ACCEL[@]}")
fi
