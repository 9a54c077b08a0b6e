#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# config_test.sh: what kvsd does with its configuration file, at start and on reload.
. "$(dirname "$0")/lib.sh"

config() {
	cat > "$T/kvs.yaml"
}

start() {
	kvsd_start --config "$T/kvs.yaml"
}

adopted() {
	kvs switch show --json | jq -e --arg name $1 'any(.switches[]; .name == $name and .adopted)'
}

first() {
	config <<- 'END'
		switches:
		  - name: sw0
		    ageing: 60
		  - adopt: "vmbr*"
		ports:
		  - match: "tap*"
		    switch: sw0
		    path: tc
		  - match: "tap9[0-9]"
		    isolated: true
		  - match: tap5
		    path: slow
	END
	"$ROOT/build/kvs" check "$T/kvs.yaml"
}

switch_is_made() {
	adopted sw0
	is "ageing" "$(ip -j -d link show sw0 | jq '.[].linkinfo.info_data.ageing_time')" -eq 6000
}

switch_is_adopted() {
	bridge_add vmbr3
	bridge_add other3
	until_ok 5 adopted vmbr3
	no adopted other3
	ip link del vmbr3
	ip link del other3
}

# devices that come later join, with their settings; others do not
ports_join() {
	local name
	for name in tap1 tap2 tap5 tap91 tap92 nap1; do
		ip tuntap add $name mode tap
	done
	for name in tap1 tap2 tap5 tap91 tap92; do
		until_ok 5 port_is $name switch sw0
	done
	is "bridge of nap1" "$(ip -j link show nap1 | jq -r '.[].master')" = null
	port_is tap1 path tc
	port_is tap1 isolated false
	port_is tap5 path slow
	port_is tap91 path tc
	port_is tap91 isolated true
	bridge -d link show dev tap91 | grep -q 'isolated on'
}

traffic() {
	host_netns h1
	host_netns h2
	ip link add tap11 type veth peer name eth0 netns h1
	ip link add tap12 type veth peer name eth0 netns h2
	host_eth h1
	host_eth h2
	until_ok 5 port_is tap11 switch sw0
	ip link set tap11 up
	ip link set tap12 up
	until_ok 5 is_forwarding tap12
	hello h1 h2
	until_ok 5 is_known "$(mac h2)" tap12
	mark
	listen h2
	send h1 h2 --count 100 --id 1
	hush h2
	is "frames at h2" "$(heard h2 1)" -eq 100
	took tap11 fast_tc 100
}

# only the difference: what was set by hand stays
reload() {
	kvs port set tap2 --path slow
	ip link set sw0 type bridge ageing_time 7700
	config <<- 'END'
		switches:
		  - name: sw0
		    ageing: 60
		  - name: sw1
		ports:
		  - match: "tap*"
		    switch: sw0
		    path: tc
		  - match: tap1
		    path: xdp
		  - match: tap5
		    path: slow
		    hairpin: true
	END
	kvs reload
	adopted sw1
	until_ok 5 port_is tap1 path xdp
	port_is tap5 hairpin true
	port_is tap5 path slow
	port_is tap2 path slow
	port_is tap91 isolated false
	is "ageing" "$(ip -j -d link show sw0 | jq '.[].linkinfo.info_data.ageing_time')" -eq 7700
}

reload_by_signal() {
	sed -i 's/sw1/sw2/' "$T/kvs.yaml"
	kill -HUP "$(cat "$T/kvsd.pid")"
	until_ok 5 adopted sw2
	until_ok 5 no adopted sw1
	ip link show sw1 > /dev/null # released, not deleted
}

# bad PATTERN: the file is refused whole, by kvs check, on reload and at start, naming file and line
bad() {
	cp "$T/kvs.yaml" "$T/good.yaml"
	trap 'cp "$T/good.yaml" "$T/kvs.yaml"' EXIT
	config
	refused 1 "kvs.yaml:$1" "$ROOT/build/kvs" check "$T/kvs.yaml"
	refused 1 "kvs.yaml:$1" kvs reload
	refused 1 "kvs.yaml:$1" timeout 20 "$ROOT/build/kvsd" --config "$T/kvs.yaml" --run-dir "$T/other" \
		--pin-dir "$T/bpf/other"
	no ip link show never
	kill -HUP "$(cat "$T/kvsd.pid")"
	until_ok 5 grep -q "kvs.yaml:$1" "$T/kvsd.log"
	adopted sw0
	no ip link show never
	port_is tap5 path slow
}

unknown_key() {
	bad '3: .*agein' <<- 'END'
		switches:
		  - name: never
		    agein: 5
	END
}

wrong_type() {
	bad '5: .*path.*xpd' <<- 'END'
		switches:
		  - name: never
		ports:
		  - match: tap5
		    path: xpd
	END
}

duplicate() {
	bad '3: .*never' <<- 'END'
		switches:
		  - name: never
		  - name: never
	END
}

contradiction() {
	bad '5: .*nowhere' <<- 'END'
		switches:
		  - name: never
		ports:
		  - match: "tap*"
		    switch: nowhere
	END
}

no_yaml() {
	bad '[23]: ' <<- 'END'
		switches:
		  - name: [never
	END
}

# limits hold: what does not fit is the bridge's
limits() {
	local mac
	kvsd_stop
	config <<- 'END'
		switches:
		  - name: sw0
		limits:
		  ports: 2
		  fdb: 64
	END
	start
	until_ok 5 adopted sw0
	for mac in 06:00:00:00:00:{10..99}; do
		bridge fdb add $mac dev tap12 master static
	done
	hello h1 h2
	listen h2
	send h1 h2 --count 100 --id 2
	hush h2
	is "frames at h2" "$(heard h2 2)" -eq 100
}

restart_takes_over() {
	kvsd_stop
	start
	adopted sw0
	port_is tap5 path slow
}

t "a good file passes the check" first
start
t "a switch is made" switch_is_made
t "a bridge is adopted when it appears" switch_is_adopted
t "ports join when they appear" ports_join
t "their frames are fast" traffic
t "reload applies the difference only" reload
t "SIGHUP too" reload_by_signal
t "refused whole: an unknown key" unknown_key
t "refused whole: a wrong value" wrong_type
t "refused whole: a duplicate" duplicate
t "refused whole: a contradiction" contradiction
t "refused whole: no YAML" no_yaml
t "a restart takes over" restart_takes_over
t "limits: what does not fit is slow, and works" limits
done_testing
