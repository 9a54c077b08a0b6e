#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# path_test.sh: the path of a port changes while traffic runs. h1 to h5 are veths, h11 and h12 VMs.
. "$(dirname "$0")/lib.sh"

RATE=$((25000 / SCALE))
VM_CHANGES=(xdp tc xdp slow xdp tc xdp tc xdp tc)
TCP_CHANGES=(xdp tc slow tc xdp slow xdp tc xdp)
MIXED='xdp slow tc'
if [ -n "${KVS_TEST_GUEST-}" ]; then # an emulated processor takes its time
	VM_CHANGES=("${VM_CHANGES[@]:0:6}")
	TCP_CHANGES=("${TCP_CHANGES[@]:0:6}")
	MIXED=xdp
fi

# frames FROM TO PATH
frames() {
	mark
	listen $2
	send $1 $2 --count 500 --rate 5000 --id 1
	hush $2
	is "frames at $2" "$(heard $2 1)" -eq 500
	took $1 $3 500
}

# each PATH FROM TO: set, told, and taken
each() {
	local path=$1 from=$2 to=$3
	set_path $path $from
	port_is $from path $path
	[ "$(query stats '.ports[] | select(.name == $name) | .path_now' --arg name $from)" = $path ]
	case $path in
	slow) frames $from $to slow ;;
	*) frames $from $to fast_$path ;;
	esac
}

auto_is_tc() {
	kvs port set h1 --path auto
	until_ok 5 port_is h1 path_now tc
	port_is h1 path auto
	frames h1 h2 fast_tc
}

# change_under_flood LOST FROM TO PATHS: at most LOST frames may go missing per change
change_under_flood() {
	local allowed=$1 from=$2 to=$3 i=0 path sent lost
	shift 3
	set_path tc $from $to
	learn $from $to
	listen $to
	flood_start $from $to --rate $RATE --id 2
	for path; do
		set_path $path $from $to
		i=$((i + 2))
		sleep 0.1
	done
	sent=$(flood_stop)
	hush $to
	lost=$((sent - $(heard $to 2)))
	echo "note: $lost of $sent frames lost in $i changes"
	is "frames lost" $lost -le $((allowed * i))
	is "duplicates" "$(heard $to 2 duplicates)" -eq 0
}

# change_under_tcp FROM TO: the stream goes on
change_under_tcp() {
	local path
	set_path tc $1 $2
	tcp_start $1 $2
	for path in "${TCP_CHANGES[@]}"; do
		set_path $path $1 $2
		sleep 0.3
	done
	tcp_stop
}

gro() {
	on $1 ethtool -k eth0 | awk '$1 == "generic-receive-offload:" { print $2 }'
}

# gro_is HOST on|off
gro_is() {
	[ "$(gro $1)" = $2 ]
}

# h3's device has GRO on already: that is left alone
gro_follows_path() {
	set_path tc h1 h2 h3 h4 h11 h12
	is "GRO of h2 before" "$(gro h2)" = off
	on h3 ethtool -K eth0 gro on
	set_path xdp h1
	until_ok 5 gro_is h2 on
	port_is h2 peer_gro kvs
	port_is h3 peer_gro on
	set_path tc h1
	until_ok 5 gro_is h2 off
	is "GRO of h3 after" "$(gro h3)" = on
	port_is h2 peer_gro off
}

# the namespace has no name, as a container's: frames must arrive nonetheless
nameless_namespace() {
	unshare --net sleep 600 &
	until_ok 5 test "/proc/$!/ns/net" -ef "/proc/$!/ns/net"
	until_ok 5 other_netns $!
	ip link add h6 type veth peer name eth0 netns $!
	nsenter --net=/proc/$!/ns/net ip link set eth0 address "$(mac h6)" up
	join h6 br0
	set_path xdp h1 h6
	nsenter --net=/proc/$!/ns/net "$FRAMES" send eth0 --src "$(mac h6)" --dst ff:ff:ff:ff:ff:ff
	until_ok 5 is_known "$(mac h6)" h6
	nsenter --net=/proc/$!/ns/net "$FRAMES" recv eth0 --seconds 3 > "$T/h6.heard" &
	sleep 0.5
	mark
	send h1 h6 --count 200 --id 3
	wait $!
	is "frames at h6" "$(heard h6 3)" -eq 200
	took h1 fast_xdp 200
	ip link del h6
}

other_netns() {
	! [ "/proc/$1/ns/net" -ef /proc/self/ns/net ]
}

unknown_path() {
	refused 2 'xdq.*auto' kvs port set h1 --path xdq
	refused 1 'h99|h9' kvs port set h99 --path tc
	port_is h1 path_now "$(port h1 path_now)"
}

bridge_add br0
for host in h1 h2 h3 h4; do
	host_add $host br0
done
vm_add h11 br0
vm_add h12 br0
kvsd_start --adopt br0
learn h1 h2 h3 h4 h11 h12
t "tc without being told" frames h1 h2 fast_tc
for path in xdp slow tc; do
	t "veth: $path" each $path h1 h2
	t "VM: $path" each $path h11 h12
	[[ $MIXED = *$path* ]] || continue
	t "VM to veth: $path" each $path h11 h1
	t "veth to VM: $path" each $path h1 h11
done
t "auto is tc where little happens" auto_is_tc
t "an unknown path or port is refused" unknown_path
t "veth: changes under a flood lose what the driver throws away" \
	change_under_flood $VETH_LOSS h1 h2 xdp tc xdp slow xdp tc
t "veth: changes without XDP lose nothing" change_under_flood 0 h1 h2 slow tc slow tc
RATE=$((5000 / SCALE)) # what carries the frames to and from the taps is slower than a VM
t "VM: changes under a flood lose nothing" change_under_flood 0 h11 h12 "${VM_CHANGES[@]}"
t "VM: a TCP stream goes on" change_under_tcp h11 h12
t "veth: a TCP stream goes on" change_under_tcp h3 h4
t "GRO of a veth's peer follows, and is put back" gro_follows_path
t "XDP into a container without a named namespace" nameless_namespace
done_testing
