#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# root_init.sh: run.sh's guest, first in its initramfs and then on the host's root file system.
#
# Files of the initramfs: /checkout and /modules (a path each), /job (a shell script).
# The job's output goes to the second serial port; its status, and all the kernel says, to the first.
checkout=$(cat /checkout)
modules=$(cat /modules)
stty -F /dev/ttyS1 raw -echo

mkdir /ro /rw /new /keep
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=512000,cache=loose hostroot /ro
mount -t tmpfs rw /rw
mkdir /rw/upper /rw/work
mount -t overlay -o lowerdir=/ro,upperdir=/rw/upper,workdir=/rw/work root /new

# the checkout and the modules stay visible where they lie below a folder that is now mounted over
mount --bind "/new$checkout" /keep
for dir in run tmp; do
	mount -t tmpfs $dir /new/$dir
done
mkdir -p "/new$checkout" "/new/lib/modules/$(uname -r)"
mount --move /keep "/new$checkout"
mount --bind "/new$modules" "/new/lib/modules/$(uname -r)"
for dir in dev proc sys; do
	mount --move /$dir /new/$dir
done
mkdir -p /new/dev/shm /new/dev/pts /new/run/netns
mount -t tmpfs shm /new/dev/shm
mount -t devpts pts /new/dev/pts
mount -t bpf bpf /new/sys/fs/bpf
chmod 1777 /new/tmp /new/dev/shm
ln -s /proc/self/fd /new/dev/fd
cp /job /new/run/job
ip link set lo up

cat > /new/run/init << 'EOF'
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8
bash /run/job < /dev/null > /dev/ttyS1 2>&1
status=$?
stty -F /dev/ttyS1 raw # returns when all output has left
echo "<0>run.sh: exit status $status" > /dev/kmsg
echo o > /proc/sysrq-trigger
sleep 60
EOF
exec switch_root /new /bin/sh /run/init
