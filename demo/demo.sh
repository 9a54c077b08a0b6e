#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# demo.sh: two small virtual machines and a container talk to each other over a KVS switch. 'make demo' runs it.
#
# All of it lives in namespaces of its own: no device, pin, process or file of this machine is touched or left behind.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ "$(id -u)" != 0 ]; then
	if command -v sudo > /dev/null; then
		exec sudo -- "$here/demo.sh" "$@"
	fi
	echo "The demo makes network namespaces and loads BPF programs: please run it as root." >&2
	exit 1
fi
if [ ! -x "${LAB_BUILD:-$here/../build}/kvsd" ] || [ ! -x "${LAB_BUILD:-$here/../build}/kvs" ]; then
	echo "The demo shows build/kvsd and build/kvs, which are not there yet: run 'make' first." >&2
	exit 1
fi
# shellcheck source=tests/vm/lab.sh disable=SC1091
. "$here/../tests/vm/lab.sh"
lab_enter "$here/demo.sh" "$@"

VM1=192.0.2.1 VM2=192.0.2.2 BOX=192.0.2.3 # addresses for documentation (RFC 5737): nobody's
bold='' plain=''
if [ -t 1 ]; then
	bold=$'\e[1m' plain=$'\e[0m'
fi

step() {
	printf '\n%s[%2d s] %s%s\n' "$bold" "$SECONDS" "$1" "$plain"
}

say() {
	printf '       %s\n' "$1"
}

# run COMMAND...: shows it as one would type it, then runs it
run() {
	printf '       $ %s\n' "$*"
	"$@" 2>&1 | sed '/./s/^/         /'
	return "${PIPESTATUS[0]}"
}

give_up() {
	echo "The demo stops here: $1. What kvsd says:" >&2
	cat "$LAB/kvsd.log" >&2
	exit 1
}

# at MACHINE COMMAND...
at() {
	local who=$1
	shift
	case $who in
	box) lab_in box "$*" ;;
	*) guest_run "$who" "cd /tmp; $*" ;;
	esac
}

make_switch() {
	step 'Starting kvsd, and making a switch. It is a Linux bridge with an eBPF fast path in front.'
	lab_kvsd || give_up 'kvsd does not start'
	run kvs switch add sw0
}

start_machines() {
	local vm
	step 'Starting two virtual machines (Debian kernel, virtio-net on a tap) and a container (veth).'
	kvm_usable || say 'There is no KVM here: QEMU emulates the machines, so speeds say nothing about KVS.'
	guest_setup
	for vm in vm1 vm2; do
		guest_tap $vm
		run kvs port add $vm sw0
	done
	guest_start vm1 vm1 02:00:00:00:00:01 $VM1/24
	guest_start vm2 vm2 02:00:00:00:00:02 $VM2/24
	lab_container box box $BOX/24
	run kvs port add box sw0
	say "vm1 is $VM1, vm2 $VM2, box (the container) $BOX; the machines are booting..."
	for vm in vm1 vm2; do
		guest_wait $vm || give_up "$vm does not boot"
	done
	say "up, after $SECONDS s"
}

# ping_to FROM NAME ADDRESS
ping_to() {
	local said
	said=$(at "$1" "ping -q -A -c 200 $3") || give_up "$1 cannot reach $2"
	say "$1 -> $2: $(sed -n 's/packets //g; s/transmitted/sent/; s/^round-trip/round trip/; /sent\|trip/p' <<< "$said" | paste -sd ' ')"
}

ping_all() {
	ping_to vm1 vm2 $VM2
	ping_to vm1 box $BOX
	ping_to box vm2 $VM2
}

# move_file FROM TO ADDRESS
move_file() {
	local digest
	at "$2" 'rm -f open; mkfifo open; (timeout 100 nc -l -p 5000 > file <> open &)'
	lab_until 20 at "$2" 'grep -q ":1388 .* 0A" /proc/net/tcp /proc/net/tcp6' || give_up "$2 does not listen"
	digest=$(at "$1" 'head -c 20000000 /dev/urandom > sent; sha256sum < sent')
	at "$1" "nc $3 5000 < sent" || give_up "$1 cannot send to $2"
	lab_until 60 arrived "$2" "$digest" || give_up "the file from $1 did not reach $2 unharmed"
	say "$1 -> $2: 20 MB arrived, SHA-256 ${digest:0:16}... is the same at both ends"
}

arrived() {
	[ "$(at "$1" 'sha256sum < file')" = "$2" ]
}

talk() {
	step 'They ping each other, and move a file. KVS forwards before the bridge sees a frame (path tc).'
	ping_all
	move_file vm1 vm2 $VM2
	move_file vm2 box $BOX
	step 'Small frames are faster still from XDP, before the kernel allocates anything. The ports change while in use:'
	for port in vm1 vm2 box; do
		run kvs port set $port --path xdp
	done
	ping_all
}

# what the bridge had to see: it learns, floods and answers
share() {
	jq -rn --argjson stats "$(kvs stats --json)" --argjson drops "$(kvs drops --json)" '
		([$stats.ports[] | .fast_xdp + .fast_tc] | add) as $fast |
		([$stats.ports[].rx_packets] | add) as $all |
		([$drops.ports[].slow | to_entries[]] | group_by(.key) |
			map("\([.[].value] | add) \(.[0].key)") | join(", ")) as $slow |
		"\($fast) of \($all) frames (\($fast / $all * 1000 | floor / 10) %) took the fast path.",
		"The bridge saw the rest, as it must: \($slow)."' | while read -r line; do say "$line"; done
}

memory() {
	local mib
	mib=$(kvs status --json | jq '.memory | (.rss_bytes + .maps_bytes + .programs_bytes) / 104857.6 | ceil / 10')
	say "KVS uses $mib MiB of memory in all: no huge pages, no packet buffers, no core that polls."
}

report() {
	step 'What KVS counted:'
	run kvs status
	echo
	run kvs stats
	echo
	share
	memory
}

try_next() {
	cat <<- EOF

		${bold}To try next, on a bridge of your own:${plain}
		    build/kvsd --adopt br0 &                 put a running bridge on the fast path; no frame is lost
		    build/kvs stats                          see its frames take it
		    build/kvs port set IF --path xdp         choose where a port's frames are forwarded: xdp, tc, slow, auto
		    build/kvs drops                          why frames went to the bridge, port by port
		    build/kvs release --all                  take KVS off: a plain Linux bridge is left
		'build/kvs --help' lists the rest. 'make check' runs the tests. Took $SECONDS s; all the demo made is gone now.
	EOF
}

make_switch
start_machines
talk
report
try_next
