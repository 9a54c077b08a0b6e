#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# demo.sh: a switch with two virtual machines and a container, and what it did; for 'make demo'.
#
# All of it lives in namespaces of its own, which end with the script, also on Ctrl-C.
set -u

if [ "$(id -u)" != 0 ]; then
	sudo=$(command -v sudo) || {
		echo "The demo makes network namespaces and loads BPF programs: run it as root." >&2
		exit 1
	}
	exec "$sudo" "$0" "$@"
fi

# shellcheck source=tests/vm/lab.sh disable=SC1091
. "$(dirname "$0")/../tests/vm/lab.sh"
lab_enter "$0" "$@"

BOLD='' PLAIN=''
[ ! -t 1 ] || BOLD=$'\e[1m' PLAIN=$'\e[0m'

step() {
	printf '\n%s%2d s  %s%s\n' "$BOLD" "$SECONDS" "$*" "$PLAIN"
}

# say COMMAND...: shows the command, as one would type it, and runs it
say() {
	echo "  \$ $*"
	"$@" | sed 's/^/    /'
	return "${PIPESTATUS[0]}"
}

die() {
	echo "The demo failed: $*" >&2
	[ ! -s "$LAB/kvsd.log" ] || sed 's/^/  kvsd: /' "$LAB/kvsd.log" >&2
	exit 1
}

make_switch() {
	step "a switch, and kvsd, which forwards its frames in BPF"
	lab_kvsd || die "kvsd did not start"
	say kvs switch add sw0 || die "no switch"
}

plug_in() {
	step "two virtual machines (Debian's kernel, virtio-net on taps) and a container (a veth) are plugged in"
	guest_setup || die "no kernel for the machines"
	{ guest_tap tap1 && guest_tap tap2; } || die "no taps"
	{ say kvs port add tap1 sw0 && say kvs port add tap2 sw0; } || die "no ports"
	guest_start vm1 tap1 02:00:00:00:00:01 192.0.2.1/24
	guest_start vm2 tap2 02:00:00:00:00:02 192.0.2.2/24
	lab_container box vbox 192.0.2.3/24 || die "no container"
	say kvs port add vbox sw0 || die "no port"
	say kvs port set tap1 --path xdp
	say kvs port set tap2 --path xdp
	echo "  (tap1 and tap2 forward in XDP, before the kernel allocates an skb; vbox in tc, which keeps TSO)"
}

boot() {
	step "the machines boot"
	{ guest_wait vm1 && guest_wait vm2; } || die "a machine did not boot"
	echo "  up: vm1 192.0.2.1, vm2 192.0.2.2, box 192.0.2.3"
}

pings() {
	step "everybody pings everybody"
	local pair from to
	for pair in 'vm1 192.0.2.2' 'vm1 192.0.2.3' 'vm2 192.0.2.1' 'vm2 192.0.2.3' 'box 192.0.2.1' 'box 192.0.2.2'; do
		read -r from to <<< "$pair"
		printf '  %s -> %s: ' "$from" "$to"
		at "$from" "ping -q -c 20 -i 0.05 $to" | grep transmitted || die "$from cannot reach $to"
	done
}

# at NAME COMMAND...: in a machine or in the container
at() {
	local name=$1
	shift
	case $name in
	box) lab_in box "$*" ;;
	*) guest_run "$name" "cd /tmp; $*" ;;
	esac
}

same_file() {
	[ "$(at "$1" "md5sum < got")" = "$2" ]
}

# move_file FROM ADDRESS TO: over TCP, and its checksum compared
move_file() {
	local sum
	sum=$(at "$1" "md5sum < file")
	# nc ends with its input: give it one that stays open
	at "$3" 'rm -f got open; mkfifo open; (timeout 60 nc -l -p 9000 > got <> open &)'
	lab_until 20 at "$3" 'grep -q ":2328 .* 0A" /proc/net/tcp /proc/net/tcp6' || die "nobody listens at $3"
	at "$1" "nc $2 9000 < file" || die "$1 cannot send to $3"
	lab_until 30 same_file "$3" "$sum" || die "the file is not the same at $3"
	echo "  $1 -> $3: 16 MiB, the same checksum at both ends"
}

files() {
	step "vm1 sends a file to vm2 and to the container"
	at vm1 "head -c 16777216 /dev/urandom > file"
	move_file vm1 192.0.2.2 vm2
	move_file vm1 192.0.2.3 box
}

report() {
	step "what KVS says of it"
	say kvs status
	say kvs stats
	kvs stats --json | jq -r '[.ports[] | .fast_xdp + .fast_tc] as $fast | [.ports[].rx_packets] as $all
		| "  \($fast | add) of \($all | add) frames (\(1000 * ($fast | add) / ($all | add) | floor / 10) %) took the fast path;"'
	echo "  the rest went to the bridge, by reason:"
	say kvs drops
	kvs status --json | jq -r '.memory | "  KVS uses \((.rss_bytes + .maps_bytes + .programs_bytes) / 1048576 * 10 | floor / 10) MiB in all, and no huge pages."'
}

next() {
	cat <<-'EOT'

		To try next, on a bridge of your own (br0), as root:
		  build/kvsd --adopt br0 &         follow the bridge, whoever changes it
		  build/kvs stats                  which frames took which path
		  build/kvs port set IF --path xdp a port of a VM, for small frames
		  build/kvs release --all          as if KVS had never been there
		README.md says more; man man/kvs.7 explains the words.
	EOT
}

make_switch
plug_in
boot
pings
files
report
next
guest_stop_all
step "done; everything is cleaned up"
