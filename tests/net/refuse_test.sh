#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# refuse_test.sh: what kvsd and kvs refuse, with which words and which exit status.
. "$(dirname "$0")/lib.sh"

# kvsd ends by itself when it refuses; the limit is for when it does not
kvsd() {
	timeout 20 "$ROOT/build/kvsd" --run-dir "$T/other" --pin-dir "$T/bpf/other" "$@"
}

not_root() {
	refused 1 'root|CAP_' setpriv --reuid 65534 --regid 65534 --clear-groups "$ROOT/build/kvsd" \
		--run-dir "$T/other" --pin-dir "$T/bpf/other"
}

no_capabilities() {
	refused 1 'CAP_BPF.*CAP_|CAP_.*CAP_BPF' setpriv --bounding-set=-all "$ROOT/build/kvsd" \
		--run-dir "$T/other" --pin-dir "$T/bpf/other"
}

# a client that may not write, or not connect at all
not_root_client() {
	refused 1 'ermission|not permitted|root' setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$ROOT/build/kvs" --run-dir "$T/run" switch adopt br0
	no adopted br0
}

adopted() {
	kvs switch show --json | jq -e --arg name $1 'any(.switches[]; .name == $name and .adopted)'
}

missing_bridge() {
	refused 1 "br9" kvsd --adopt br9
	refused 1 "br9" kvs switch adopt br9
	refused 1 "br9" kvs release br9
}

not_a_bridge() {
	refused 1 'h1.*bridge' kvsd --adopt h1
	refused 1 'h1.*bridge' kvs switch adopt h1
}

taken_by_another() {
	kvs switch adopt br0
	"$ROOT/build/kvsd" --run-dir "$T/other" --pin-dir "$T/bpf/other" >> "$T/kvsd.log" 2>&1 &
	until_ok 20 "$ROOT/build/kvs" --run-dir "$T/other" status
	refused 1 "br0.*$(cat "$T/kvsd.pid")|$(cat "$T/kvsd.pid").*br0" "$ROOT/build/kvs" --run-dir "$T/other" switch adopt br0
	adopted br0
	kill -KILL $!
	until_ok 10 gone $!
	rm -rf "$T/other" "$T/bpf/other"
	kvs release br0
}

bad_arguments() {
	refused 2 'adpot' kvsd --adpot br0
	refused 2 'adopt' kvsd --adopt
	refused 2 'stray|unexpected|argument' kvsd stray
	refused 1 'nix.yaml' kvsd --config "$T/nix.yaml"
}

bad_pin_dir() {
	mkdir "$T/tmpfs"
	refused 1 'tmpfs|bpffs' timeout 20 "$ROOT/build/kvsd" --run-dir "$T/other" --pin-dir "$T/tmpfs/a/b"
}

# where the default one is not mounted, kvsd mounts it
mounts_bpffs() {
	umount /sys/fs/bpf
	"$ROOT/build/kvsd" --run-dir "$T/other" --adopt br0 >> "$T/kvsd.log" 2>&1 &
	until_ok 20 "$ROOT/build/kvs" --run-dir "$T/other" status
	is "file system" "$(stat -f -c %T /sys/fs/bpf)" = bpf_fs
	[ -d /sys/fs/bpf/kvs ]
	"$ROOT/build/kvs" --run-dir "$T/other" release --all
	kill -TERM $!
	until_ok 10 gone $!
	rm -r "$T/other"
}

unknown_verb() {
	refused 2 'switch' kvs swich show
	refused 2 'adopt' kvs switch adpot br0
	refused 2 'path' kvs port set h1 --paht tc
	refused 2 '' kvs port set h1
	refused 2 '' kvs switch adopt
}

# names that are almost right
did_you_mean() {
	kvs switch adopt br0
	refused 1 'did you mean.*veth-left' kvs port set veth-lefd --path tc
	refused 1 'did you mean.*br0' kvs release br
	kvs release br0
}

no_daemon() {
	refused 1 "$T/nobody.*kvsd|kvsd.*$T/nobody" "$ROOT/build/kvs" --run-dir "$T/nobody" status
}

# a tunnel or another device that a bridge does not take
port_refused() {
	kvs switch adopt br0
	refused 1 'lo' kvs port add lo br0
	refused 1 'nix' kvs port add nix br0
	kvs release br0
}

macvtap_refused() {
	ip link add link veth-right name mv0 type macvtap || skip "the kernel has no macvtap"
	kvs switch adopt br0
	refused 1 "mv0 is a macvtap.*tap" kvs port add mv0 br0
	kvs release br0
	ip link del mv0
}

nothing_left() {
	is "pins" "$(find "$T/bpf" -path '*other*')" = ''
	has_no_hooks h1
}

bridge_add br0
host_add h1 br0
ip link add veth-left type veth peer name veth-right
ip link set veth-right up
join veth-left br0
t "not root" not_root
t "no capabilities" no_capabilities
t "bad arguments" bad_arguments
t "pins on what is no bpffs" bad_pin_dir
t "no daemon" no_daemon
kvsd_start
t "a bridge that does not exist" missing_bridge
t "a device that is no bridge" not_a_bridge
t "a bridge another kvsd has" taken_by_another
t "a client that is not root" not_root_client
t "unknown verbs and options" unknown_verb
t "names that are almost right" did_you_mean
t "devices that cannot be ports" port_refused
t "a macvtap" macvtap_refused
t "nothing is half-applied" nothing_left
t "bpffs is mounted where it is missing" mounts_bpffs
done_testing
