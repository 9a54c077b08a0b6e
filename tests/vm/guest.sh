# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# guest.sh: to be sourced; small real guests: Debian's kernel, busybox, one virtio-net device on a tap.
#
#	guest_setup [PROGRAM...]         once, first; the PROGRAMs of this machine will be in every guest
#	guest_tap TAP [QUEUES]           makes a tap for a guest
#	guest_start NAME TAP MAC IP/LEN [csum=off] [tso=off] [vnet_hdr=off] [queues=N] [mtu=N] [mem=MB]
#	            [incoming]           waits for a guest that migrates, instead of booting
#	            [helper]             TAP is a bridge, to which QEMU's bridge helper connects it
#	guest_run NAME COMMAND...        runs the words as one shell command; its output and status; waits for the boot
#	guest_monitor NAME COMMAND...    to QEMU's monitor; its answer
#	guest_migrate NAME TARGET        to the guest that waits as TARGET, as which it lives on
#	guest_stop NAME; guest_stop_all  the latter also removes what guest_setup made: belongs in the trap
#
# QEMU's processes belong to the shell that calls guest_start: do not call it in a subshell.
# shellcheck source=tests/vm/qemu.sh disable=SC1091
. "$(dirname "${BASH_SOURCE[0]}")/qemu.sh"

GUEST_DIR=
GUEST_KERNEL=${GUEST_KERNEL-} # what kernel.sh said, if that is known already
GUEST_TIMEOUT=${GUEST_TIMEOUT:-120} # seconds a boot, and a command, may take
declare -A GUEST_PID

guest_setup() {
	local vm program args=()
	vm=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
	GUEST_DIR=$(mktemp -d) || return
	GUEST_KERNEL=${GUEST_KERNEL:-$("$vm/kernel.sh")} && [ -n "$GUEST_KERNEL" ] || return
	for program; do
		args+=(-p "$program")
	done
	"$vm/initrd.sh" "${args[@]}" "$GUEST_DIR/initrd" "${GUEST_KERNEL#*$'\n'}" "$vm/guest_init.sh" \
		virtio_pci virtio_net
}

guest_tap() {
	local multi=()
	[ "${2:-1}" = 1 ] || multi=(multi_queue)
	ip tuntap add dev "$1" mode tap vnet_hdr "${multi[@]}" && ip link set "$1" up
}

guest_start() {
	local name=$1 tap=$2 mac=$3 ip=$4 dir=$GUEST_DIR/$1 option
	local queues=1 mtu=1500 mem=160 netdev=("tap,ifname=$tap,script=no,downscript=no") device=() incoming=()
	local tso=,gso=off,host_tso4=off,host_tso6=off,host_ufo=off,guest_tso4=off,guest_tso6=off,guest_ufo=off
	shift 4
	for option; do
		case $option in
		csum=off) device+=("$tso,host_ecn=off,guest_ecn=off,csum=off,guest_csum=off") ;;
		tso=off) device+=("$tso,host_ecn=off,guest_ecn=off") ;;
		vnet_hdr=off) netdev+=(",vnet_hdr=off") ;;
		queues=*) queues=${option#*=} ;;
		mtu=*) mtu=${option#*=} && device+=(",host_mtu=$mtu") ;;
		mem=*) mem=${option#*=} ;;
		helper) netdev=("bridge,br=$tap") ;;
		incoming) incoming=(-incoming "unix:$dir/incoming") ;;
		*) echo "guest_start: what is '$option'?" >&2 && return 2 ;;
		esac
	done
	if [ "$queues" != 1 ]; then
		netdev+=(",queues=$queues")
		device+=(",mq=on,vectors=$((2 * queues + 2))")
	fi
	mkdir "$dir" && mkfifo "$dir/agent.in" "$dir/agent.out" || return
	"${BOUND[@]}" "${QEMU[@]}" "${QEMU_ACCEL[@]}" -smp "$queues" -m "$mem" "${incoming[@]}" \
		-chardev "socket,id=monitor,path=$dir/monitor,server=on,wait=off" -mon chardev=monitor \
		-kernel "${GUEST_KERNEL%$'\n'*}" -initrd "$GUEST_DIR/initrd" \
		-append "console=ttyS0 $QEMU_APPEND guest_ip=$ip guest_mtu=$mtu" \
		-serial "file:$dir/console" -chardev "pipe,id=agent,path=$dir/agent" -serial chardev:agent \
		-netdev "$(printf %s "${netdev[@]}"),id=net" \
		-device "virtio-net-pci,netdev=net,mac=$mac,romfile=$(printf %s "${device[@]}")" \
		< /dev/null > "$dir/errors" 2>&1 &
	GUEST_PID[$name]=$!
}

# guest_line NAME: the agent's next line, in $line; fails if the guest is gone or is silent for too long
guest_line() {
	local part='' waited
	for ((waited = 0; waited < GUEST_TIMEOUT + 10; waited++)); do
		if IFS= read -r -t 1 line <> "$GUEST_DIR/$1/agent.out"; then
			line=$part$line
			return
		fi
		part+=$line
		kill -0 "${GUEST_PID[$1]}" 2>/dev/null || break
	done
	echo "guest '$1' does not answer:" >&2
	tail -n 20 "$GUEST_DIR/$1"/{errors,console} >&2
	return 1
}

# guest_wait NAME: until it has booted
guest_wait() {
	local line=
	[ -e "$GUEST_DIR/$1/ready" ] && return
	until [ "$line" = ready ]; do
		guest_line "$1" || return
	done
	touch "$GUEST_DIR/$1/ready"
}

guest_run() {
	local name=$1 tag=$BASHPID.$RANDOM line='' last=
	shift
	guest_wait "$name" || return 125
	printf '%s %s %s\n' "$tag" "$GUEST_TIMEOUT" "$(printf '%s' "$*" | base64 -w 0)" 1<> "$GUEST_DIR/$name/agent.in"
	until [ "$line" = "$tag begin" ]; do
		guest_line "$name" || return 125
	done
	guest_line "$name" || return 125
	until [[ $line = "$tag end "* ]]; do
		last=$line
		guest_line "$name" || return 125
		# the newline before the tag is the agent's, not the command's
		[[ $line = "$tag end "* && -z $last ]] || printf '%s\n' "$last"
	done
	return "${line##* }"
}

# guest_monitor NAME COMMAND...
guest_monitor() {
	local name=$1
	shift
	printf '%s\n' "$*" | socat -t 5 - "UNIX-CONNECT:$GUEST_DIR/$name/monitor"
}

# guest_migrated NAME: 0 when it has, 1 while it has not, 2 when it failed
guest_migrated() {
	case $(guest_monitor "$1" info migrate) in
	*'Migration status: completed'*) return 0 ;;
	*'Migration status: '*failed* | *'Migration status: '*cancel*) return 2 ;;
	*) return 1 ;;
	esac
}

guest_migrate() {
	local end=$((SECONDS + GUEST_TIMEOUT)) status=1
	until [ -S "$GUEST_DIR/$2/incoming" ] || [ $SECONDS -ge $end ]; do
		sleep 0.05
	done
	guest_monitor "$1" "migrate -d unix:$GUEST_DIR/$2/incoming" > /dev/null
	while [ $status = 1 ] && [ $SECONDS -lt $end ]; do
		status=0
		guest_migrated "$1" || status=$?
		sleep 0.05
	done
	touch "$GUEST_DIR/$2/ready"
	return $status
}

guest_stop() {
	kill "${GUEST_PID[$1]}" 2>/dev/null || true
	wait "${GUEST_PID[$1]}" 2>/dev/null || true
	unset "GUEST_PID[$1]"
	rm -rf "${GUEST_DIR:?}/$1"
}

guest_stop_all() {
	local name
	for name in "${!GUEST_PID[@]}"; do
		guest_stop "$name"
	done
	[ -z "$GUEST_DIR" ] || rm -rf "$GUEST_DIR"
}
