# shellcheck shell=bash disable=SC2034,SC2054 # used where it is sourced; QEMU's options have commas
# SPDX-License-Identifier: GPL-2.0-only
# qemu.sh: to be sourced; how virtual machines are started here. KVM where it works, emulation elsewhere.

# kvm_usable: a processor without the extensions may well have a /dev/kvm, in which guests never start
kvm_usable() {
	grep -qwE 'vmx|svm' /proc/cpuinfo && (: <> /dev/kvm) 2>/dev/null
}

# BOUND CMD: the command ends with the script that started it, even where that is killed.
BOUND=(setpriv --pdeathsig TERM)
QEMU=(qemu-system-x86_64 -M q35 -cpu max -nodefaults -display none -monitor none -no-reboot)
QEMU_ACCEL=(-accel tcg,thread=multi)
if kvm_usable; then
	QEMU_ACCEL=(-accel kvm "${QEMU_ACCEL[@]}")
fi
