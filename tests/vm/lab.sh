# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# lab.sh: to be sourced; a kvsd of one's own with guests and containers, of which nothing can be left behind.
#
#	lab_enter "$0" "$@"              first: the script starts anew in network, mount and process namespaces of its
#	                                 own; when it ends, however it ends, the kernel ends and frees all that is in them
#	lab_kvsd                         starts kvsd and waits until it answers
#	lab_kvsd_kill                    -9, as an accident would
#	kvs ...                          the CLI, talking to it
#	lab_namespace NAME               one that has no device yet
#	lab_container NAME IF IP/LEN     a namespace; IF is the switch's end of the veth to its eth0
#	lab_in NAME COMMAND...           runs the words there, in busybox's shell, in the folder $LAB/NAME
#	lab_until SECONDS COMMAND...     runs it until it succeeds; fails when it has not by then
#
# $LAB is a temporary folder, $LAB/bpf a bpffs that nobody else sees. What guest.sh offers is there too.
# shellcheck source=tests/vm/guest.sh disable=SC1091
. "$(dirname "${BASH_SOURCE[0]}")/guest.sh"

LAB_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_BUILD=${LAB_BUILD:-${LAB_HERE%/tests/vm}/build}
declare -A LAB_PID

# kernel.sh and what it runs end at a TERM; the first process of the namespaces has to be killed, and takes all with it.
lab_leave() {
	set +e
	if [ -n "$LAB_CHILD" ]; then
		kill -TERM -- "-$LAB_CHILD"
		pkill -KILL -P "$LAB_CHILD"
		wait "$LAB_CHILD"
	fi 2>/dev/null
	rm -rf "$LAB"
}

# lab_child SIGNAL COMMAND...: a signal ends the wait at once, unlike that for a command in the foreground; the command
# gets SIGNAL when the script is killed
lab_child() {
	setpriv --pdeathsig "$1" setsid "${@:2}" &
	LAB_CHILD=$!
	local status=0
	wait "$LAB_CHILD" || status=$?
	LAB_CHILD=''
	return $status
}

lab_enter() {
	[ -z "${LAB-}" ] || { lab_setup && return || exit; }
	LAB_CHILD=''
	LAB=$(mktemp -d) || exit
	export LAB TMPDIR=$LAB
	trap lab_leave EXIT
	trap 'exit 130' INT TERM HUP
	# a namespace of one's own has no way to Debian's mirror
	lab_child TERM "$LAB_HERE/kernel.sh" > "$LAB/kernel" || exit
	lab_child KILL unshare --net --mount --pid --fork --kill-child --mount-proc "$@"
	exit
}

lab_setup() {
	# shellcheck disable=SC2034 # used by guest.sh
	GUEST_KERNEL=$(cat "$LAB/kernel") &&
		mkdir "$LAB/bpf" "$LAB/run" && mount -t bpf bpf "$LAB/bpf" && ip link set lo up
}

lab_until() {
	local end=$((SECONDS + $1))
	shift
	until "$@" > /dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

kvs() {
	"$LAB_BUILD/kvs" --run-dir "$LAB/run" "$@"
}

lab_kvsd() {
	"$LAB_BUILD/kvsd" --run-dir "$LAB/run" --pin-dir "$LAB/bpf/kvs" >> "$LAB/kvsd.log" 2>&1 &
	LAB_KVSD=$!
	lab_until 30 kvs status && return
	echo "kvsd does not answer; it says:" >&2
	cat "$LAB/kvsd.log" >&2
	return 1
}

lab_kvsd_kill() {
	kill -KILL "$LAB_KVSD"
	wait "$LAB_KVSD"
} 2> /dev/null

lab_has_own_net() {
	[ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

lab_namespace() {
	unshare --net sleep infinity &
	LAB_PID[$1]=$!
	mkdir "$LAB/$1"
	lab_until 10 lab_has_own_net "${LAB_PID[$1]}"
}

lab_container() {
	lab_namespace "$1" &&
		ip link add "$2" type veth peer name eth0 netns "${LAB_PID[$1]}" &&
		ip link set "$2" up &&
		lab_in "$1" "ip link set lo up; ip link set eth0 up; ip addr add $3 dev eth0"
}

lab_in() {
	local name=$1
	shift
	(cd "$LAB/$name" && timeout "$GUEST_TIMEOUT" nsenter --net="/proc/${LAB_PID[$name]}/ns/net" busybox sh -c "$*")
}
