#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# scale.sh [RUNS [PORTS [BRIDGES [STATIONS]]]]: how long kvsd takes with many ports and stations; the median of RUNS.
#
# 600 to 100,000 stations; each run has namespaces of its own, one step after the other, and nothing runs beside kvsd.
# docs/scale.md says what the lines mean. Results of one run: "NAME VALUE UNIT".
runs=${1:-5} ports=${2:-1000} bridges=${3:-50} stations=${4:-64000}
if [ -z "${KVS_SCALE_RUN-}" ]; then
	results=$(mktemp)
	trap 'rm -f "$results"' EXIT
	for ((i = 0; i < runs; i++)); do
		KVS_SCALE_RUN=$i "$0" "$runs" "$ports" "$bridges" "$stations" >> "$results" || exit 1
	done
	echo "Linux $(uname -r), $(nproc) CPUs; $ports ports, $bridges bridges, $stations stations; $runs runs"
	printf '%-44s %10s %10s %10s\n' '' median lowest highest
	awk -F '\t' '!($1 in unit) { order[++n] = $1; unit[$1] = $3 } { v[$1] = v[$1] " " $2 }
		END {
			for (i = 1; i <= n; i++) {
				m = split(v[order[i]], a, " ")
				for (x = 1; x <= m; x++) for (y = x + 1; y <= m; y++) if (a[y] + 0 < a[x] + 0) { t = a[x]; a[x] = a[y]; a[y] = t }
				printf "%-44s %10s %10s %10s %s\n", order[i], a[int((m + 1) / 2)], a[1], a[m], unit[order[i]]
			}
		}' "$results"
	exit
fi
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/../tests/net/lib.sh"
# shellcheck source=tests/net/scale.sh
. "$ROOT/tests/net/scale.sh"

# result NAME VALUE UNIT
result() {
	printf '%s\t%s\t%s\n' "$@"
}

now_ms() {
	echo $((${EPOCHREALTIME/./} / 1000))
}

# took_ms NAME START
took_ms() {
	result "$1" $(($(now_ms) - $2)) ms
}

# wait_for COMMAND...: as until_ok, but looks more often
wait_for() {
	local end=$((SECONDS + 120))
	until "$@" > /dev/null 2>&1; do
		[ $SECONDS -lt $end ] || fail "not within time: $*"
		sleep 0.002
	done
}

is_ready() {
	grep -q 'is ready' "$T/kvsd.log"
}

# in_map STATION BRIDGE_KEY: the fast path knows it
in_map() {
	local key
	key=$(printf '02 01 00 %02x %02x %02x 00 00' $(($1 / 65536)) $(($1 / 256 % 256)) $(($1 % 256)))
	# shellcheck disable=SC2086 # several words each
	bpftool map lookup pinned "$T/bpf/kvs/kvs_fdb" key hex $key $2
}

# bridge_key IF: the ifindex of its bridge as bytes
bridge_key() {
	local n
	n=$(cat "/sys/class/net/$1/master/ifindex")
	printf '%02x %02x %02x %02x' $((n % 256)) $((n / 256 % 256)) $((n / 65536 % 256)) $((n / 16777216))
}

has_hook() {
	tc filter show dev "$1" ingress | grep -q kvs_ingress || "$TCX" show "$1" | grep -q .
}

adopt() {
	local start
	start=$(now_ms)
	"$ROOT/build/kvsd" --run-dir "$T/run" --pin-dir "$T/bpf/kvs" --config "$T/kvs.yaml" --adopt 'b*' > "$T/kvsd.log" 2>&1 &
	echo $! > "$T/kvsd.pid"
	disown
	wait_for is_ready
	took_ms "adopting" "$start"
}

# 500 made, 250 moved, 250 deleted, from the first one on; the last one to be made comes last
follow() {
	local start last=$((stations + 499))
	start=$(now_ms)
	stations replace 0 250 "$ports" "$bridges"
	stations del 250 500 "$ports"
	stations add "$stations" $((stations + 500)) "$ports"
	wait_for in_map $last "$(bridge_key p$((last % ports)))"
	took_ms "1,000 FDB changes, made and followed" "$start"
}

# the slowest of ten ports, each from before it joins until its hook is there
join_ports() {
	local n start took most=0
	for ((n = ports; n < ports + 10; n++)); do
		ip link add p$n type veth peer name p$n netns far
		start=$(now_ms)
		ip link set p$n master b0 up
		wait_for has_hook p$n
		took=$(($(now_ms) - start))
		[ $took -le $most ] || most=$took
	done
	ports_del "$ports" $((ports + 10))
	result "a port joins until it has its hook, slowest of 10" $most ms
}

overflow() {
	local start pid last=130000
	pid=$(cat "$T/kvsd.pid")
	kill -STOP "$pid"
	stations add 100000 120000 "$ports"
	stations del 100000 120000 "$ports"
	stations del 500 600 "$ports"
	stations add $last $((last + 1)) "$ports"
	start=$(now_ms)
	kill -CONT "$pid"
	wait_for in_map $last "$(bridge_key p$((last % ports)))"
	grep -q 'events were lost' "$T/kvsd.log" || fail "no overflow"
	took_ms "after an overflow, until all is known again" "$start"
}

ticks() {
	awk '{ print $14 + $15 }' "/proc/$(cat "$T/kvsd.pid")/stat"
}

idle() {
	local before
	before=$(ticks)
	sleep 5
	result "CPU when nothing happens" "$(awk -v n=$(($(ticks) - before)) -v hz="$(getconf CLK_TCK)" 'BEGIN { printf "%.1f", n * 100 / hz / 5 }')" %
}

# hooked N: ports that have one
hooked() {
	[ "$(limit ports_used)" = "$1" ]
}

rounds() {
	local i before
	holdings > "$T/holdings"
	before=$(rss)
	for ((i = 0; i < 100; i++)); do
		ports_add 5000 5010 "$bridges"
		wait_for hooked $((ports + 10))
		ports_del 5000 5010
		wait_for hooked "$ports"
	done
	result "100 rounds of 10 ports: more memory" $(($(rss) - before)) KiB
	until_ok 20 holds_as_before
	result "100 rounds of 10 ports: more descriptors, pins" 0 ''
}

release() {
	local start
	ids > "$T/ids"
	start=$(now_ms)
	kvs release --all
	took_ms "releasing" "$start"
	until_ok 20 are_gone "$T/ids"
	no test -e "$T/bpf/kvs"
	kvsd_stop
}

far_add
bridges_add "$bridges"
ports_add 0 "$ports" "$bridges"
stations add 0 "$stations" "$ports"
printf 'limits: {ports: %d, fdb: %d}\n' $((ports + 20)) 131072 > "$T/kvs.yaml"
adopt
hooked "$ports" || fail "$(limit ports_used) of $ports ports were adopted"
wait_for is_equal
idle
follow
wait_for is_equal
join_ports
overflow
wait_for is_equal
rounds
result "memory of kvsd" "$(rss)" KiB
result "memory of the maps" $(($(query status .memory.maps_bytes) / 1024)) KiB
release
trap - EXIT
