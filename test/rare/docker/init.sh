#!/bin/sh
# A Docker daemon in namespaces of its own: network, mounts, processes, control groups. All of it goes with its first process.
#
# From the environment: ROOT (a Debian root with docker.io), WORK (the daemon's folder, at the same path inside),
# HIERARCHIES and GROUP (the mounts of control groups, and the folder in each of them that is the daemon's), MIRROR (the
# folder of the socket that serves base images).
set -eu

if [ "${1:-}" != inside ]; then
	for folder in $HIERARCHIES; do echo $$ >"$folder/$GROUP/cgroup.procs"; done
	exec unshare --net --mount --pid --cgroup --fork --kill-child=KILL "$0" inside
fi

mount --make-rprivate /
mount --bind "$ROOT" "$ROOT"
cd "$ROOT"
mount -t proc proc proc
mount --rbind /dev dev
mount -t tmpfs tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs run
mkdir -p ".$WORK" run/mirror
mount --bind "$WORK" ".$WORK"
mount --bind "$MIRROR" run/mirror
mount --rbind /sys sys
for folder in $HIERARCHIES; do mount --bind "$folder/$GROUP" ".$folder"; done
echo "nameserver 10.0.2.3" >etc/resolv.conf

mkdir -p run/host
pivot_root . run/host
cd /
umount -l /run/host

ip link set lo up
until ip -4 -o address show dev tap0 2>/dev/null | grep -q 'inet '; do sleep 0.05; done
socat TCP-LISTEN:5000,reuseaddr,fork UNIX-CONNECT:/run/mirror/mirror.sock &
exec dockerd --data-root "$WORK/data" --exec-root /run/docker --pidfile /run/docker.pid --host "unix://$WORK/docker.sock"
