#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# initrd.sh [-p PROGRAM]... [-f FILE]... OUT TREE MAIN MODULE...: an initramfs that runs MAIN in busybox's shell.
#
# TREE is the module tree kernel.sh names. Each MODULE is loaded, with what it needs, before MAIN starts; each
# PROGRAM of this machine is there with its libraries; each FILE is there as /NAME.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin

programs=() files=()
while getopts p:f: o; do
	case $o in
	p) programs+=("$(command -v "$OPTARG")") ;;
	f) files+=("$OPTARG") ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
out=$1 tree=$2 main=$3
shift 3

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
trap 'exit 130' INT TERM

mkdir -p "$root"/{bin,dev,proc,sys,tmp,mods}
install -m 755 "$main" "$root/main"
install -m 755 "$(command -v busybox)" "$root/bin/busybox"
for file in "${files[@]}"; do
	install -m 644 "$file" "$root/"
done
for program in "${programs[@]}"; do
	{ ldd "$program" || true; } | grep -o '/[^ ]*' | while read -r lib; do
		install -D "$lib" "$root$lib"
	done
	install "$program" "$root/bin/"
done
for module; do
	modprobe -d "${tree%/lib/modules/*}" -S "${tree##*/}" --show-depends "$module"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
	install -m 644 "$file" "$root/mods/"
	echo "/mods/$(basename "$file")"
done > "$root/modlist"

cat > "$root/init" << 'EOF'
#!/bin/busybox sh
export PATH=/bin:/sbin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
while read -r module; do
	insmod "$module"
done < /modlist
exec sh /main
EOF
chmod 755 "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet) > "$out"
