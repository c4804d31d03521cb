#!/bin/sh
# A machine that systemd runs, in namespaces and control groups of its own. All of it goes with its first process.
#
# From the environment: ROOT (a Debian root with systemd, changed in memory alone), GROUP (a name for its control groups),
# SHARED (folders and files that it has from this machine, at the same paths).
set -eu
groups=$(awk '$3 ~ /^cgroup/ { print $2 }' /proc/self/mounts | sort -u)

if [ "${1:-}" != inside ]; then
	for folder in $groups; do
		mkdir "$folder/$GROUP"
		# With version 1, processes enter only a group that has processors and memory.
		for file in cpuset.cpus cpuset.mems; do
			[ ! -e "$folder/$file" ] || cat "$folder/$file" >"$folder/$GROUP/$file"
		done
		echo $$ >"$folder/$GROUP/cgroup.procs"
	done
	unshare --net --mount --pid --ipc --uts --cgroup --fork --kill-child=KILL "$0" inside || true
	for folder in $groups; do
		echo $$ >"$folder/cgroup.procs"
		find "$folder/$GROUP" -depth -type d -exec rmdir {} \;
	done
	exit
fi

mount --make-rprivate /
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o "lowerdir=$ROOT,upperdir=/mnt/upper,workdir=/mnt/work" /mnt/root
cd /mnt/root
mount -t proc proc proc
mount --rbind /dev dev
mount --rbind /sys sys
for folder in $groups; do mount --bind "$folder/$GROUP" ".$folder"; done
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs run
for shared in $SHARED; do
	if [ -d "$shared" ]; then mkdir -p ".$shared"; else mkdir -p ".$(dirname "$shared")" && : >".$shared"; fi
	mount --rbind "$shared" ".$shared"
done

mkdir run/host
pivot_root . run/host
cd /
umount -l /run/host
exec env -i container=slipway-test PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --unit=basic.target
