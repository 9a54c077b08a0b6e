#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# kernel.sh: print two paths, a kernel QEMU boots and its module tree, both of Debian's kernel package.
#
# The package linux-image-amd64 depends on is downloaded with apt-get and unpacked under build/vm (nothing is
# installed; root is not needed), once per version. The kernel is its vmlinux, which starts 3 s sooner than the
# compressed image under emulation.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
cache=$(cd "$(dirname "$0")/../.." && pwd)/build/vm

fail() {
	echo "kernel.sh: no Debian kernel to boot: $1" >&2
	exit 1
}

apt() {
	apt-get -q -o APT::Sandbox::User=root "$@" >&2
}

# The package's name and the folder it is unpacked in; empty where apt does not know it.
resolve() {
	package=$(apt-cache depends linux-image-amd64 2>/dev/null | awk '$1 == "Depends:" { print $2; exit }')
	[ -n "$package" ] || return 1
	dir=$cache/${package}_$(apt-cache show "$package" | awk '$1 == "Version:" { print $2; exit }')
}

newest_cached() {
	find "$cache" -mindepth 2 -maxdepth 2 -path '*/linux-image-*' -name kernel -printf '%T@ %h\n' |
		sort -n | tail -1 | cut -d' ' -f2-
}

# le32 FILE OFFSET: the little-endian number there
le32() {
	od -An -t u4 --endian=little -j "$2" -N 4 "$1" | tr -d ' '
}

# vmlinux_unpack IMAGE OUT: the ELF file inside a bzImage (Documentation/x86/boot.rst: setup_sects, payload_offset)
vmlinux_unpack() {
	local sects start
	sects=$(od -An -t u1 -j $((0x1f1)) -N 1 "$1" | tr -d ' ')
	start=$(((sects + 1) * 512 + $(le32 "$1" $((0x248)))))
	# xz complains of the length that follows the stream: what counts is whether an ELF file comes out
	tail -c +$((start + 1)) "$1" | xz -dcq > "$2" 2>/dev/null || true
	[ "$(head -c 4 "$2")" = $'\x7fELF' ] || cp "$1" "$2"
}

# fetch: fills $dir, whole or not at all
fetch() {
	local root=$tmp/root version
	rm -rf "${tmp:?}"/*
	(cd "$tmp" && apt download "$package") && dpkg-deb -x "$tmp"/*.deb "$root" || return 1
	version=$(basename "$root"/lib/modules/*)
	ln -s "lib/modules/$version" "$root/modules" &&
		depmod -b "$root" "$version" &&
		vmlinux_unpack "$root/boot/vmlinuz-$version" "$root/kernel" &&
		mv "$root" "$dir"
}

[ "$(dpkg --print-architecture)" = amd64 ] || fail "only amd64 is supported, this is $(dpkg --print-architecture)"
mkdir -p "$cache"
exec 9> "$cache/lock"
flock 9
tmp=$(mktemp -d "$cache/tmp.XXXXXX")
# dpkg-deb's own processes may still be writing when it has been stopped
trap 'rm -rf "$tmp" 2>/dev/null || { sleep 1 && rm -rf "$tmp"; }' EXIT
trap 'exit 130' INT TERM
package='' dir=''
if ! resolve || { [ ! -e "$dir" ] && ! fetch; }; then
	dir=$(newest_cached)
	if [ -z "$dir" ]; then
		echo "kernel.sh: apt's package lists are missing or stale: apt-get update" >&2
		apt update || true
		if ! resolve || ! fetch; then
			fail "run 'apt-get update' as root and see that this machine reaches a Debian mirror"
		fi
	fi
fi
printf '%s\n' "$dir/kernel" "$(realpath "$dir/modules")"
