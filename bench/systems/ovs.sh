#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ovs-MODE: Open vSwitch's userspace datapath, as a learning switch (its NORMAL action), with processes and files of its own
#   user           the ports are packet sockets of ovs-vswitchd's main thread
#   user-afxdp     they are AF_XDP sockets of a PMD thread
#   dpdk-afxdp     DPDK's AF_XDP driver
#   dpdk-afpacket  DPDK's packet socket driver
#   dpdk-vhost     vhost-user ports, as VMs have them: p1 is the socket $D/p1, which the VM makes
#   dpdk-least     the same with as few huge pages as it starts with
# Set $PMD_CPU for another core than the last one for the PMD thread; it polls, so it is busy without frames too.

PMD_CPU=${PMD_CPU:-$CPU1}
HUGE_PAGES=256 # of 2 MB
[ "$MODE" != dpdk-vhost ] || HUGE_PAGES=1024
[ "$MODE" != dpdk-least ] || HUGE_PAGES=${LEAST:-64}

# --- huge pages, given back by down

huge_up() {
	mkdir "$D/huge"
	huge_add "$HUGE_PAGES"
	mount -t hugetlbfs -o pagesize=2M hugetlbfs "$D/huge"
	[ "$(awk '/HugePages_Free/ { print $2 }' /proc/meminfo)" -ge "$HUGE_PAGES" ] || {
		echo "no $HUGE_PAGES huge pages of 2 MB to be had" >&2
		return 1
	}
}

huge_down() {
	[ -e "$D/huge" ] || return 0
	umount "$D/huge"
	huge_add "-$HUGE_PAGES"
	rmdir "$D/huge"
}

huge_add() {
	echo $(($(cat /proc/sys/vm/nr_hugepages) + $1)) > /proc/sys/vm/nr_hugepages
}

# --- processes

ovs_dirs() {
	export OVS_RUNDIR=$D/ovs OVS_LOGDIR=$D/ovs OVS_DBDIR=$D/ovs OVS_SYSCONFDIR=$D/ovs
}

vsctl() {
	ovs_dirs
	ovs-vsctl --timeout=30 "$@"
}

appctl() {
	ovs_dirs
	ovs-appctl --timeout=30 -t "$D/ovs/ctl" "$@"
}

db_up() {
	ovs_dirs
	mkdir -p "$D/ovs"
	ovsdb-tool create "$D/ovs/conf.db" /usr/share/openvswitch/vswitch.ovsschema
	ovsdb-server "$D/ovs/conf.db" --remote="punix:$D/ovs/db.sock" --unixctl="$D/ovs/db.ctl" --no-chdir \
		--log-file="$D/ovs/db.log" -vconsole:off > /dev/null 2>&1 &
	echo $! > "$D/ovsdb.pid"
	until [ -S "$D/ovs/db.sock" ]; do
		kill -0 $!
		sleep 0.05
	done
	vsctl --no-wait init
}

# pmd: one core for the PMD thread, all else on the other; the exact match cache takes every flow
pmd_up() {
	vsctl --no-wait set Open_vSwitch . "other_config:pmd-cpu-mask=$((1 << PMD_CPU))" other_config:emc-insert-inv-prob=1
}

dpdk_up() {
	huge_up
	vsctl --no-wait set Open_vSwitch . other_config:dpdk-init=true "other_config:dpdk-hugepage-dir=$D/huge" \
		"other_config:dpdk-lcore-mask=$((1 << CPU0))" "other_config:dpdk-extra=--no-pci --file-prefix=$SYSTEM"
}

vswitchd_up() {
	local name=openvswitch-switch/ovs-vswitchd
	[ "${MODE%%-*}" != dpdk ] || name=openvswitch-switch-dpdk/ovs-vswitchd-dpdk
	ovs_dirs
	"/usr/lib/$name" "unix:$D/ovs/db.sock" --unixctl="$D/ovs/ctl" --pidfile="$D/ovs/pid" --no-chdir \
		--log-file="$D/ovs/log" -vconsole:off > /dev/null 2>&1 &
	echo $! > "$D/vswitchd.pid"
	until appctl version > /dev/null 2>&1; do
		kill -0 $!
		sleep 0.1
	done
	vsctl add-br br0 -- set bridge br0 datapath_type=netdev
}

# pmd_cpu CPU: moves the PMD thread
pmd_cpu() {
	vsctl set Open_vSwitch . "other_config:pmd-cpu-mask=$((1 << $1))"
}

# perf SECONDS: what the PMD thread does in that time, as JSON
perf() {
	appctl dpif-netdev/pmd-stats-clear > /dev/null
	sleep "$1"
	appctl dpif-netdev/pmd-perf-show | sed 's/[(:,]/ & /g' | awk '
		$1 == "Measurement" { seconds = $4 }
		/Used TSC cycles/ { cycles = $6; share = $8 }
		$1 == "Rx" && $2 == "packets" { frames = $4; each = $9 }
		END { hz = cycles / share * 100 / seconds
			printf "{\"frames\": %d, \"seconds\": %s, \"ns\": %.1f}\n", frames, seconds, each / hz * 1e9 }'
}

# --- ports

port_add() {
	case $MODE in
	user) vsctl add-port br0 "$1" ;;
	user-afxdp) vsctl add-port br0 "$1" -- set interface "$1" type=afxdp ;;
	dpdk-afxdp) vsctl add-port br0 "$1" -- set interface "$1" type=dpdk "options:dpdk-devargs=net_af_xdp$1,iface=$1" ;;
	dpdk-afpacket) vsctl add-port br0 "$1" -- set interface "$1" type=dpdk "options:dpdk-devargs=net_af_packet$1,iface=$1" ;;
	dpdk-vhost | dpdk-least) vsctl add-port br0 "$1" -- set interface "$1" type=dpdkvhostuserclient "options:vhost-server-path=$D/$1" ;;
	esac
}

up() {
	local port
	db_up
	[ "$MODE" = user ] || pmd_up
	[ "${MODE%%-*}" != dpdk ] || dpdk_up
	vswitchd_up
	for port; do
		port_add "$port"
		[[ $MODE = dpdk-vhost || $MODE = dpdk-least ]] || vsctl wait-until interface "$port" link_state=up
	done
}

# are_linked PORT...: the VMs are there
are_linked() {
	local port
	for port; do
		[ "$(vsctl get interface "$port" link_state)" = up ]
	done
}

# a PMD thread takes all of its core, so it must not run while others are measured
pause() {
	kill -STOP "$(cat "$D/vswitchd.pid")"
}

resume() {
	kill -CONT "$(cat "$D/vswitchd.pid")"
}

down() {
	local name
	[ ! -s "$D/vswitchd.pid" ] || resume
	for name in vswitchd ovsdb; do
		[ ! -s "$D/$name.pid" ] || pid_end "$(cat "$D/$name.pid")"
	done
	huge_down
}

pid_end() {
	kill "$1" || return 0
	while kill -0 "$1" 2> /dev/null; do
		sleep 0.05
	done
}
