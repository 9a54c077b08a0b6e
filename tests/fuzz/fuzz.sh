#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# fuzz.sh SECONDS [NAME...]: run the fuzzers (guard, yaml, json) side by side, that long; what they found is in build/fuzz.
# shellcheck disable=SC2317 # fuzz calls them by name
set -u
cd "$(dirname "$0")/../.." || exit 1
SEEDS=tests/fuzz OUT=build/fuzz BIN=build/tests/fuzz
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait; exit 130' INT TERM

# bytes HEX...: as bytes
bytes() {
	tr -d ' \n' <<< "$*" | tr a-f A-F | basenc --base16 -d
}

# guard_seeds DIR: each frame with some guards in front, see struct input of guard_fuzz.c: flags, MACs, ethertypes, hook, linear, TCI
guard_seeds() {
	local name hex guard
	while read -r name hex; do
		[ "${name#\#}" = "$name" ] || continue
		for guard in e001000040000000 e001000041000000 e201000041000000 8001010141000000 3c00000140000000; do
			bytes "$guard" "$hex" > "$1/$name-$guard"
		done
	done < "$SEEDS/frames.txt"
}

yaml_seeds() {
	cp docs/kvs.yaml.example "$1"
}

json_seeds() {
	printf 'vlan\n5\n{"name": "br0", "stp": true, "vlan": 7, "macs": ["02:00:00:00:00:01"]}' > "$1/all"
	printf 'name\n%%62r\n{}' > "$1/query"
}

# fuzz NAME SECONDS
fuzz() {
	local dir=$OUT/$1 options=()
	mkdir -p "$dir/corpus" "$dir/seeds"
	"$1_seeds" "$dir/seeds"
	[ ! -f "$SEEDS/$1.dict" ] || options=(-dict="$SEEDS/$1.dict")
	exec "$BIN/$1_fuzz" -max_total_time="$2" -timeout=100 -use_value_profile=1 -artifact_prefix="$dir/" "${options[@]}" \
		"$dir/corpus" "$dir/seeds" > "$dir/log" 2>&1
}

# inputs NAME: how many it has run
inputs() {
	sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$OUT/$1/log"
}

seconds=${1:?}
shift
[ $# -gt 0 ] || set -- guard yaml json
mkdir -p "$OUT"
for name; do
	fuzz "$name" "$seconds" &
	pids+=($!)
done
echo "1..$#"
i=0 bad=0
for name; do
	wait "${pids[i]}"
	status=$?
	i=$((i + 1))
	if [ "$status" = 0 ] && [ "$(inputs "$name")" -gt 0 ]; then
		echo "ok $i - $name: $(inputs "$name") inputs"
	else
		bad=1
		echo "not ok $i - $name: exit status $status, see $OUT/$name"
		tail -n 40 "$OUT/$name/log" | sed 's/^/# /'
	fi
done
exit "$bad"
