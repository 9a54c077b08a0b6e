#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# kvs-xdp, kvs-tc, kvs-auto: KVS, all ports on that path

kvs() {
	"$ROOT/build/kvs" --run-dir "$D/run" "$@"
}

# path_is PORT: what it is to be; auto begins with one or the other
path_is() {
	kvs port show --json | jq -e --arg name "$1" --arg mode "$MODE" \
		'any(.ports[]; .name == $name and .path == $mode and ($mode == "auto" or .path_now == $mode))' > /dev/null
}

kvs_up() {
	local port
	bridge_up "$@"
	# shellcheck disable=SC2046 # words
	set -- "$@" $(chain_ports)
	echo 'limits: {ports: 1020}' > "$D/kvs.yaml"
	[ -n "${SPARE_PORTS-}" ] || echo '{}' > "$D/kvs.yaml"
	"$ROOT/build/kvsd" --run-dir "$D/run" --pin-dir "$D/bpf/kvs" --config "$D/kvs.yaml" --adopt 'br*' > "$D/kvsd.log" 2>&1 &
	echo $! > "$D/kvsd.pid"
	until kvs status > /dev/null 2>&1; do
		kill -0 $!
		sleep 0.05
	done
	for port; do
		kvs port set "$port" --path "$MODE"
	done
	for port; do
		until path_is "$port"; do
			sleep 0.05
		done
	done
}

up() {
	kvs_up "$@"
}

down() {
	kvs release --all
	kill "$(cat "$D/kvsd.pid")"
}
