#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# limit_test.sh: how much a port may send: storms and rates on every path, in frames and bits, changed while they hold,
# without kvsd and after it.
#
# The limits are one frame in a second after a burst: whatever the time that a case takes, it can be reckoned with.
. "$(dirname "$0")/lib.sh"

ALL=ff:ff:ff:ff:ff:ff GROUP=01:00:5e:01:02:03 NOBODY=02:00:00:00:00:77
BURST=50 SENT=400

# drops IF REASON: by the port's guard, ever; audits likewise
drops() {
	query drops '.ports[] | select(.name == $name) | .drops[$reason]' --arg name "$1" --arg reason "$2"
}

audits() {
	query drops '.ports[] | select(.name == $name) | .audited[$reason] // 0' --arg name "$1" --arg reason "$2"
}

# limit IF OPTION...: nothing but these limits, with full buckets
limit() {
	local name=$1
	shift
	kvs guard del "$name" 2>/dev/null || true
	kvs guard set "$name" --guard bare "$@"
}

# shower FROM TO LISTENER: sets heard and seconds
shower() {
	local start
	listen "$3"
	start=$EPOCHREALTIME
	send "$1" "$2" --count $SENT --rate 20000 --id 7 > /dev/null
	hush "$3"
	seconds=$(((${EPOCHREALTIME/./} - ${start/./}) / 1000000 + 1))
	heard=$(heard "$3" 7)
}

# storm PATH TO LISTENER REASON OPTION...: the burst gets through, and all else is refused for the reason
storm() {
	local path=$1 to=$2 listener=$3 reason=$4 before
	shift 4
	set_path "$path" h1
	limit h1 "$@"
	before=$(drops h1 "$reason")
	shower h1 "$to" "$listener"
	is "frames that came through" "$heard" -ge $BURST
	is "frames that came through" "$heard" -le $((BURST + seconds + 1))
	is "frames refused" $(($(drops h1 "$reason") - before + heard)) -eq $SENT
}

# free TO LISTENER OPTION...: a limit that is not of such frames
free() {
	local to=$1 listener=$2
	shift 2
	limit h1 "$@"
	shower h1 "$to" "$listener"
	is "frames that came through" "$heard" -eq $SENT
}

audit_lets_pass() {
	local before
	before=$(audits h1 rate)
	limit h1 --rate 1pps --burst $BURST --mode audit
	shower h1 h2 h2
	is "frames that came through" "$heard" -eq $SENT
	is "frames counted" $(($(audits h1 rate) - before)) -ge $((SENT - BURST - seconds - 1))
	is "frames counted" $(($(audits h1 rate) - before)) -le $((SENT - BURST))
}

# the bridge's own address is not flooded
host_is_known() {
	local before
	limit h1 --storm-unknown 0
	before=$(drops h1 storm_unknown)
	send h1 "$(cat /sys/class/net/br0/address)" --count 100 > /dev/null
	is "frames refused" $(($(drops h1 storm_unknown) - before)) -eq 0
	send h1 $NOBODY --count 100 > /dev/null
	is "frames refused" $(($(drops h1 storm_unknown) - before)) -eq 100
}

# what TCP brings is less than the rate, which counts headers too, and one burst
bits() {
	local bits ms before
	set_path "$1" h1 h2
	limit h1 --rate 30M --burst 1M
	before=$(drops h1 rate)
	iperf h1 h2 -t 3 > "$T/iperf"
	bits=$(jq '.end.sum_received.bytes * 8' "$T/iperf")
	ms=$(jq '.end.sum_received.seconds * 1000 | ceil' "$T/iperf")
	echo "note: $((bits / ms)) kb/s of 30,000 and a burst"
	is "bits in $ms ms" "$bits" -le $((30600 * (ms + 500) + (8 << 20)))
	is "bits in $ms ms" "$bits" -gt 0
	is "frames refused" $(($(drops h1 rate) - before)) -gt 0
}

# a change holds at once, and does not fill the bucket
changes() {
	limit h1 --rate 1pps --burst $BURST
	shower h1 h2 h2
	kvs guard set h1 --rate 1pps --burst 10
	shower h1 h2 h2
	is "frames that came through" "$heard" -le $((seconds + 1))
	kvs guard set h1 --rate none
	shower h1 h2 h2
	is "frames that came through" "$heard" -eq $SENT
}

settings() {
	query 'guard show' '.guards[0] | "\(.guard) \(.limits | tojson)"'
}

survives() {
	local before
	limit h1 --rate 1pps --burst $BURST --storm-broadcast 7
	before=$(settings)
	kvsd_kill
	listen h2
	send h1 h2 --count $SENT --rate 20000 --id 7 > /dev/null
	hush h2
	is "frames that came through" "$(heard h2 7)" -lt $((SENT / 2))
	kvsd_start --config "$T/kvs.yaml"
	is "settings" "$(settings)" = "$before"
	listen h2
	send h1 h2 --count $SENT --rate 20000 --id 8 > /dev/null
	hush h2
	is "frames that came through" "$(heard h2 8)" -lt $((SENT / 2))
}

# the file's guard, and what the port has for itself instead
reloads() {
	kvs guard set h1 --guard file --storm-broadcast guard --rate guard
	is settings "$(settings)" = 'file {"rate":{"burst":"256k","rate":"100M"},"storm_multicast":{"burst":"64","rate":"20pps"}}'
	kvs guard set h1 --rate 5kpps
	sed -i 's/storm-multicast: 20/storm-multicast: 30/; s/100M/200M/' "$T/kvs.yaml"
	kvs reload
	is settings "$(settings)" = 'file {"rate":{"burst":"1k","rate":"5kpps"},"storm_multicast":{"burst":"64","rate":"30pps"}}'
}

shaped() {
	tc qdisc show dev h2 root | grep -q "qdisc tbf 4b56: root .* rate $1"
}

# what leaves waits in a queue of the kernel's, which XDP would go past
egress() {
	local bits ms
	kvs guard del h1
	kvs guard set h2 --guard bare --egress-rate 30M
	shaped 30Mbit
	set_path xdp h1
	until_ok 5 takes_tc
	iperf h1 h2 -t 3 > "$T/iperf"
	bits=$(jq '.end.sum_received.bytes * 8' "$T/iperf")
	ms=$(jq '.end.sum_received.seconds * 1000 | ceil' "$T/iperf")
	echo "note: $((bits / ms)) kb/s of 30,000"
	is "bits in $ms ms" "$bits" -le $((30600 * (ms + 500) + 8 * 65536))
	is "bits in $ms ms" "$bits" -gt 0
}

takes_tc() {
	mark
	send h1 h2 --count 10 > /dev/null
	[ "$(rose h1 fast_xdp)" = 0 ]
}

egress_survives() {
	kvs guard set h2 --egress-rate 6G
	shaped 6Gbit
	kvsd_kill
	kvsd_start --config "$T/kvs.yaml"
	is "rate" "$(query 'guard show' '.guards[0].limits.egress_rate.rate')" = 6G
	kvs guard set h2 --egress-rate guard
	no shaped
	kvs guard set h2 --egress-rate 1M
	shaped 1Mbit
	kvs guard del h2
	no shaped
}

egress_goes_with_the_port() {
	kvs guard set h2 --guard bare --egress-rate 1M
	shaped 1Mbit
	ip link set h2 nomaster
	until_ok 5 no shaped
	join h2 br0
}

others_stay() {
	tc qdisc add dev h2 root tbf rate 5mbit burst 64k limit 100k
	refused 1 "qdisc tbf is not of KVS's making" kvs guard set h2 --guard bare --egress-rate 1M
	kvs guard set h2 --guard bare
	kvs guard del h2
	tc qdisc show dev h2 root | grep -q 'rate 5Mbit'
	tc qdisc del dev h2 root
}

cat > "$T/kvs.yaml" << END
guards:
  - name: bare
  - name: file
    rate: 100M
    burst: 256k
    storm-multicast: 20
switches:
  - adopt: br0
END
bridge_add br0 mcast_snooping 0
for host in h1 h2 h3; do
	vm_add $host br0
done
kvsd_start --config "$T/kvs.yaml"
learn h1 h2 h3

for path in xdp tc slow; do
	t "$path: a storm of broadcast" storm $path $ALL h3 storm_broadcast --storm-broadcast 1 --storm-burst $BURST
	t "$path: a storm of multicast" storm $path $GROUP h3 storm_multicast --storm-multicast 1 --storm-burst $BURST
	t "$path: a storm to an unknown station" storm $path $NOBODY h3 storm_unknown --storm-unknown 1 --storm-burst $BURST
	t "$path: a rate in frames" storm $path h2 h2 rate --rate 1pps --burst $BURST
	t "$path: storms are no limit to known stations" free h2 h2 --storm-unknown 0 --storm-multicast 0 --storm-broadcast 0
	t "$path: in mode audit it passes and is counted" audit_lets_pass
done
t "the bridge itself is known" host_is_known
t "tc: a rate in bits, with GSO" bits tc
t "xdp: a rate in bits" bits xdp
t "a limit is changed" changes
t "limits hold without kvsd, and after it" survives
t "the file has limits, and the port its own" reloads
t "a rate of what a port receives" egress
t "it holds over a restart, and is taken off" egress_survives
t "it goes with the port" egress_goes_with_the_port
t "a qdisc of others stays" others_stay
done_testing
