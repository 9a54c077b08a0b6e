#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh [--icount] [--smp N] [--mem MB] [--timeout S] [--qemu WORD]... JOB [ARGS]: run JOB on Debian's kernel, in a virtual machine.
#
# The guest has this machine's root file system (writes go to its memory and are lost), its own empty /run and
# /tmp, bpffs, and the kernel's modules. JOB runs as root in the checkout's folder; its output and its exit status
# become this script's. Status 124: out of time; 125: the guest died, and the end of its console is printed.
# --qemu: one more argument for QEMU, such as a device. --icount: one virtual CPU whose clock counts instructions, one per ns: the same figures on every machine.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
checkout=$(cd "$here/../.." && pwd)
# shellcheck source=tests/vm/qemu.sh disable=SC1091
. "$here/qemu.sh"

usage() {
	echo "usage: run.sh [--icount] [--smp N] [--mem MB] [--timeout S] [--qemu WORD]... JOB [ARGS]" >&2
	exit 2
}

icount='' smp=1 mem=2048 limit=600 extra=()
while [ $# -gt 0 ]; do
	case $1 in
	--icount) icount=1 smp=1 && shift && continue ;;
	--smp) smp=${2-} ;;
	--mem) mem=${2-} ;;
	--timeout) limit=${2-} ;;
	--qemu) extra+=("${2-}") ;;
	-*) usage ;;
	*) break ;;
	esac
	shift 2 || usage
done
[ $# -gt 0 ] || usage

tmp=$(mktemp -d)
qemu=''
# shellcheck disable=SC2317 # called by the trap
cleanup() {
	[ -z "$qemu" ] || kill "$qemu" 2>/dev/null || true
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

kernel=$("$here/kernel.sh")
modules=${kernel#*$'\n'}
kernel=${kernel%$'\n'*}
printf '%s' "$checkout" > "$tmp/checkout"
printf '%s' "$modules" > "$tmp/modules"
printf '%q ' cd "$checkout" > "$tmp/job"
printf '&& exec'  >> "$tmp/job"
printf ' %q' "$@" >> "$tmp/job"
"$here/initrd.sh" -f "$tmp/checkout" -f "$tmp/modules" -f "$tmp/job" "$tmp/initrd" "$modules" \
	"$here/root_init.sh" virtio_pci 9pnet_virtio 9p overlay

accel=("${QEMU_ACCEL[@]}" -smp "$smp")
# shellcheck disable=SC2054 # QEMU's options have commas
[ -z "$icount" ] || accel=(-accel tcg,thread=single -icount shift=0,sleep=off -smp 1)
# shellcheck disable=SC2153 # QEMU is from qemu.sh
"${BOUND[@]}" timeout "$limit" "${QEMU[@]}" "${accel[@]}" -m "$mem" -kernel "$kernel" -initrd "$tmp/initrd" \
	-append "console=ttyS0 loglevel=4 oops=panic $QEMU_APPEND" \
	-serial "file:$tmp/console" -chardev stdio,id=out,signal=off -serial chardev:out \
	-virtfs local,path=/,mount_tag=hostroot,security_model=none,readonly=on,multidevs=remap "${extra[@]}" \
	< /dev/null 2> "$tmp/errors" &
qemu=$!
end=0
wait "$qemu" || end=$?
qemu=''

status=$(tr -d '\r' < "$tmp/console" | sed -n 's/.*run\.sh: exit status \([0-9]*\)$/\1/p')
grep -a 'WARNING: ' "$tmp/console" >&2 || true
[ -z "$status" ] || exit "$status"
cat "$tmp/errors" >&2
tail -n 40 "$tmp/console" >&2
if [ "$end" = 124 ]; then
	echo "run.sh: '$*' did not end within $limit s" >&2
	exit 124
fi
echo "run.sh: the guest died before '$*' ended (see above)" >&2
exit 125
