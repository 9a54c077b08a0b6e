#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# attach_test.sh: QEMU's bridge helper, a libvirt network and a CNI plugin attach to an adopted bridge, unchanged.
#
# None of them knows of KVS. The port that each makes is fast without further ado, and goes when its owner does.
# Their files are in copies of /etc, /run and /var that nobody else sees.
set -u
# shellcheck source=tests/vm/lab.sh disable=SC1091
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/vm/check.sh disable=SC1091
. "$(dirname "$0")/check.sh"
lab_enter "$0" "$@"

STATIONS=(helper libvirt pod c)
declare -A IP=([helper]=10.77.0.1 [libvirt]=10.77.0.2 [pod]=10.77.0.4 [c]=10.77.0.3)
declare -A MAC=([helper]=02:00:00:00:77:01 [libvirt]=02:00:00:00:77:02)
CNI=/usr/lib/cni

private_folders() {
	mkdir "$LAB/etc" && cp -a /etc/. "$LAB/etc" && mount --bind "$LAB/etc" /etc || return
	mount -t tmpfs run /run && mount -t tmpfs var /var && mount -t sysfs sysfs /sys &&
		mkdir -p /var/{lib,log,cache} /etc/qemu && ln -s /run /var/run
}

# port_of MAC: where br0 has learned it
port_of() {
	kvs fdb show --json | jq -r --arg mac "$1" '.fdb[] | select(.mac == $mac and .fast) | .port'
}

has_port() {
	[ -n "$(port_of "$1")" ]
}

is_port() {
	kvs port show --json | jq -e --arg p "$1" 'any(.ports[]; .name == $p and .path_now == "tc")'
}

is_no_port() {
	kvs port show --json | jq -e --arg p "$1" 'all(.ports[]; .name != $p)'
}

# fast STATION MAC: its port appeared, and its frames and those to it are counted as fast
fast() {
	answers c "${IP[$1]}" || return
	lab_until 30 has_port "$2" || { kvs fdb show && return 1; }
	port_of "$2" > "$LAB/port"
	lab_until 10 is_port "$(cat "$LAB/port")" || { kvs port show && return 1; }
	snapshot "$LAB/before"
	ping_pair c "$1" && ping_pair "$1" c && shares tc vc "$(cat "$LAB/port")"
}

gone() {
	lab_until 20 is_no_port "$(cat "$LAB/port")" || { kvs port show && return 1; }
}

# --- qemu-bridge-helper

helper() {
	echo 'allow br0' > /etc/qemu/bridge.conf
	guest_start helper br0 "${MAC[helper]}" "${IP[helper]}/24" helper
	check "qemu-bridge-helper: the port is fast" fast helper "${MAC[helper]}"
	guest_stop helper
	check "qemu-bridge-helper: the port is gone" gone
}

# --- libvirt

VIRSH=(virsh -q -c qemu:///system)

libvirt_config() {
	mkdir -p /etc/libvirt
	echo 'libvirt-qemu:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin' >> /etc/passwd
	echo 'libvirt-qemu:x:64055:' >> /etc/group
	grep -q '^kvm:' /etc/group || echo 'kvm:x:64056:' >> /etc/group
	printf '%s\n' 'user = "root"' 'group = "root"' 'security_driver = "none"' 'stdio_handler = "file"' \
		'dynamic_ownership = 0' 'remember_owner = 0' 'namespaces = []' 'cgroup_controllers = []' > /etc/libvirt/qemu.conf
	printf '%s\n' 'auth_unix_rw = "none"' 'unix_sock_group = "root"' > /etc/libvirt/libvirtd.conf
}

libvirt_start() {
	libvirt_config
	libvirtd > "$LAB/libvirtd" 2>&1 &
	LIBVIRTD=$!
	lab_until 60 "${VIRSH[@]}" net-list && return
	tail "$LAB/libvirtd"
	return 1
}

network_xml() {
	echo "<network><name>lan</name><forward mode='bridge'/><bridge name='br0'/></network>"
}

# a guest of guest.sh, made by libvirt
domain_xml() {
	local dir=$GUEST_DIR/libvirt
	cat <<- END
		<domain type='qemu'><name>guest</name><memory unit='MiB'>160</memory><vcpu>1</vcpu>
		<os><type arch='x86_64' machine='q35'>hvm</type><kernel>${GUEST_KERNEL%$'\n'*}</kernel>
		<initrd>$GUEST_DIR/initrd</initrd>
		<cmdline>console=ttyS0 $QEMU_APPEND guest_ip=${IP[libvirt]}/24 guest_mtu=1500</cmdline></os>
		<features><acpi/></features>
		<devices><emulator>$(command -v qemu-system-x86_64)</emulator>
		<interface type='network'><mac address='${MAC[libvirt]}'/><source network='lan'/><model type='virtio'/>
		<rom enabled='no'/></interface>
		<serial type='file'><source path='$dir/console'/><target port='0'/></serial>
		<serial type='pipe'><source path='$dir/agent'/><target port='1'/></serial>
		<memballoon model='none'/></devices></domain>
	END
}

libvirt_guest() {
	local dir=$GUEST_DIR/libvirt
	libvirt_start || return
	mkdir "$dir" && mkfifo "$dir/agent.in" "$dir/agent.out" && : > "$dir/errors" || return
	network_xml > "$LAB/network" && domain_xml > "$LAB/domain"
	"${VIRSH[@]}" net-create "$LAB/network" && "${VIRSH[@]}" create "$LAB/domain" && return
	tail "$LAB/libvirtd" /var/log/libvirt/qemu/*
	return 1
}

libvirt() {
	if ! libvirt_guest > "$LAB/said" 2>&1; then
		sed 's/^/# /' "$LAB/said"
	fi
	# shellcheck disable=SC2034 # guest.sh's
	GUEST_PID[libvirt]=$(cat /run/libvirt/qemu/guest.pid)
	check "libvirt: the port is fast" fast libvirt "${MAC[libvirt]}"
	check "libvirt: the domain is stopped" "${VIRSH[@]}" destroy guest
	check "libvirt: the port is gone" gone
	check "libvirt: the bridge is left alone" ip link show br0 type bridge
	kill "$LIBVIRTD" && wait "$LIBVIRTD"
}

# --- CNI

# cni COMMAND
cni() {
	echo '{"cniVersion": "0.4.0", "name": "lan", "type": "bridge", "bridge": "br0", "ipam": {"type": "host-local",
		"subnet": "10.77.0.0/24", "rangeStart": "10.77.0.4", "rangeEnd": "10.77.0.9"}}' |
		CNI_COMMAND=$1 CNI_CONTAINERID=pod CNI_NETNS=/proc/${LAB_PID[pod]}/ns/net CNI_IFNAME=eth0 CNI_PATH=$CNI $CNI/bridge
}

pod() {
	lab_namespace pod || return
	check "CNI: ADD" cni ADD
	check "CNI: the port is fast" fast pod "$(pod_mac)"
	check "CNI: DEL" cni DEL
	check "CNI: the port is gone" gone
}

pod_mac() {
	lab_in pod ip link show dev eth0 | awk '/ether/ { print $2 }'
}

private_folders && guest_setup && lab_kvsd && ip link add br0 type bridge && ip link set br0 up &&
	kvs switch adopt br0 && lab_container c vc "${IP[c]}/24" && ip link set vc master br0 || exit 1
helper
libvirt
pod
echo "1..$n"
