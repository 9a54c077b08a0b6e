#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# report.sh [RESULTS [NAME...]]: put the figures of results.json into docs/performance.md, between its markers, and into
# the plots beside it. A marker "<!-- NAME -->" begins what is made here, "<!-- end -->" ends it; with names, only theirs.
# shellcheck disable=SC2016 # $ in single quotes is jq's
set -eu
export LC_ALL=C
cd "$(dirname "$0")/.."
results=${1:-build/bench/results.json}
page=docs/performance.md
plots=docs/performance
names=${*:2}
[ -s "$results" ] || { echo "bench/report.sh: there is no $results: 'make bench' makes it" >&2 && exit 1; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

goals() {
	echo '| ratio | median | lowest to highest | goal | |'
	echo '|---|---|---|---|---|'
	jq -r '.ratios as $r | .spread | to_entries[] | .value as $v |
		"| \(.key) | " + (if $r[.key] == null then "not run | | \($v.goal // "") | |" else
		"\($r[.key]) | \($v.min) to \($v.max) | \($v.goal // "") | \(if $v.holds == false then "missed" elif $v.holds then "holds" else "" end) |" end)' \
		"$results"
}

machine() {
	jq -r '.machine | "\(.date), commit \(.commit); Linux \(.kernel), \(.cpus) CPUs (\(.cpu)\(if .hypervisor == "" then "" else ", virtual: " + .hypervisor end)), \(.memory_mb) MB.",
		"Governor: \(.governor). Mitigations: \([.mitigations | to_entries[] | "\(.key): \(.value)"] | join("; ")).",
		"Versions: \([.versions | to_entries[] | "\(.key) \(.value)"] | join(", ")).",
		"Pinning: \(.pinning). Offloads: \(.offloads)."' "$results"
}

# table BENCH: a row for each case, a column for each system; the median, and below it the lowest and the highest
table() {
	jq -r --arg bench "$1" '
		def rank: . as $s | ["wire", "bare", "bare-xdp", "kvs-xdp", "kvs", "kvs-auto", "kvs-tc", "bare-tc", "bridge", "bridge-nf", "macvlan"] |
			index([$s]) // 99;
		def figure: if . >= 100 then round else . * 100 | round / 100 end;
		[.results[] | select(.bench == $bench)] as $all |
		if $all == [] then "Not run." else
		([$all[] | .system] | unique | sort_by(rank, .)) as $systems |
		($all | map({case, metric, unit}) | unique | sort_by(.metric, (.case | [scan("^[0-9]+")] | if . == [] then 9999 else (.[0] | tonumber) end), .case)) as $rows |
		"| | \($systems | join(" | ")) |",
		"|---|\($systems | map("---|") | join(""))",
		($rows[] as $row | "| \($row.case), \(if $row.metric == "rate" then "" else $row.metric + ", " end)\($row.unit) | " +
			([$systems[] as $s | ([$all[] | select(.system == $s and .case == $row.case and .metric == $row.metric)] | first) |
				if . == null then "" else "\(.median | figure) (\(.min | figure) to \(.max | figure))" end] | join(" | ")) + " |")
		end' "$results"
}

# what stands between a marker and its end is made anew
fill() {
	local name
	for name in ${names:-$(sed -n 's/^<!-- \([a-z]*\) -->$/\1/p' $page | grep -v '^end$')}; do
		case $name in
		goals | machine) $name ;;
		*) table "$name" ;;
		esac > "$tmp/$name"
	done
	awk -v dir="$tmp" '
		/^<!-- end -->$/ && inside { inside = 0; print "" }
		!inside { print }
		/^<!-- [a-z]+ -->$/ && (getline line < (dir "/" $2)) > 0 {
			inside = 1
			print ""
			do print line; while ((getline line < (dir "/" $2)) > 0)
		}' \
		$page > "$tmp/page"
	cat "$tmp/page" > $page
}

# points FILE BENCH METRIC CASES SYSTEMS: what gnuplot reads, a row for each case: "CASE" MEDIAN MIN MAX ... by system
points() {
	jq -r --arg bench "$2" --arg metric "$3" --argjson cases "$4" --argjson systems "$5" '
		[.results[] | select(.bench == $bench and .metric == $metric)] as $all |
		$cases[] as $case | "\"\($case | sub(",.*"; ""))\" " + ([$systems[] as $s |
			([$all[] | select(.system == $s and .case == $case)] | first // {median: "?", min: "?", max: "?"}) |
			"\(.median) \(.min) \(.max)"] | join(" "))' "$results" > "$1"
}

# plot NAME TITLE UNIT BENCH METRIC CASES SYSTEMS: bars of the medians, with lines from the lowest to the highest
plot() {
	jq -e --arg bench "$4" 'any(.results[]; .bench == $bench)' "$results" > /dev/null || return 0
	points "$tmp/points" "$4" "$5" "$6" "$7"
	gnuplot -e "file = '$tmp/points'; title = '$2'; unit = '$3'; names = '$(jq -r 'join(" ")' <<< "$7")'" \
		bench/plot.gp > "$plots/$1.svg"
}

mkdir -p $plots
fill
sizes='["64 B", "128 B", "256 B", "512 B", "1024 B", "1518 B", "IMIX"]'
systems='["wire", "bare", "kvs-xdp", "kvs-tc", "bridge", "bridge-nf"]'
plot rate-one-core 'Frames from veth to veth, one core in all' Mpps rate rate \
	"$(jq -c 'map(. + ", one core")' <<< "$sizes")" "$systems"
plot rate-two-cores 'Frames both ways, two cores' Mpps rate rate \
	'["64 B, two cores, both ways", "1518 B, two cores, both ways", "IMIX, two cores, both ways"]' "$systems"
plot icount 'Instructions per frame, endpoints left out (Linux 6.1)' instructions icount switching '["64 B"]' \
	'["bare-xdp", "kvs-xdp", "bare-tc", "bridge", "kvs-tc", "ovs-kernel"]'
plot dpdk 'The same endpoints, 64 B, one core' Mpps dpdk rate '["64 B, veth, one core"]' \
	'["kvs-xdp", "ovs-dpdk-afxdp", "ovs-dpdk-afpacket", "ovs-user-afxdp", "ovs-user"]'
