#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# machine.sh: what figures depend on, as JSON.
set -eu
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C
cd "$(dirname "$0")/.."

# lines "NAME: VALUE" become an object
object() {
	jq -Rn '[inputs | capture("^(?<key>[^:]+):\\s*(?<value>.*)$")] | from_entries'
}

mitigations() {
	grep -H . /sys/devices/system/cpu/vulnerabilities/* | sed 's|^/[^:]*/||' | grep -v ':Not affected$' | object
}

versions() {
	local package
	echo "kvs: $(build/kvsd --version 2>/dev/null | awk '{ print $NF; exit }')"
	for package in clang libbpf-dev iproute2 iperf3 openvswitch-switch dpdk qemu-system-x86; do
		echo "$package: $(dpkg-query -W -f '${Version}' "$package" 2>/dev/null || echo none)"
	done | grep -v ': none'
}

governor() {
	cat /sys/devices/system/cpu/cpu0/cpufreq/scaling_governor 2>/dev/null || echo "none seen"
}

jq -n --arg kernel "$(uname -r)" --arg cpu "$(lscpu | sed -n 's/^Model name: *//p')" --argjson cpus "$(nproc)" \
	--arg hypervisor "$(lscpu | sed -n 's/^Hypervisor vendor: *//p')" --arg governor "$(governor)" \
	--argjson mitigations "$(mitigations)" --argjson versions "$(versions | object)" \
	--argjson memory "$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)" \
	--arg date "$(date -u +%F)" --arg commit "$(git rev-parse --short HEAD 2>/dev/null || true)" '{
	date: $date, commit: $commit, kernel: $kernel, cpu: $cpu, cpus: $cpus, hypervisor: $hypervisor, memory_mb: $memory,
	governor: $governor, mitigations: $mitigations, versions: $versions,
	pinning: "one core: source, switch and sink on CPU 0; two cores: one direction on each; all else on the last CPU",
	offloads: "of the kernel by default; GRO on at the ports, which gives veths NAPI"}'
