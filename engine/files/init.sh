#!/bin/sh
# First process of the embedded engine's namespaces (network, mounts, processes). Everything below happens in
# them alone and goes with them; the host's own files and mounts stay as they are.
#
# From the environment: ROOT (Debian root, read-only), BIN (the built binaries), CONTENT (SDK content, an OCI
# layout), STATE (the engine's disk), REGISTRY (blobs of the local registry), RUN (sockets, shared with the
# host), CONFIG (engine.json, registry.yml), MOUNTPOINT (an empty folder).
set -eu

mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$MOUNTPOINT"
mkdir "$MOUNTPOINT/upper" "$MOUNTPOINT/work" "$MOUNTPOINT/root"
# What the engine writes to its root lands in memory: the root itself is shared by every start.
mount -t overlay overlay -o "lowerdir=$ROOT,upperdir=$MOUNTPOINT/upper,workdir=$MOUNTPOINT/work" "$MOUNTPOINT/root"
cd "$MOUNTPOINT/root"

bind() { # source, target in the root
	if [ -d "$1" ]; then mkdir -p ".$2"; else mkdir -p ".$(dirname "$2")" && : >".$2"; fi
	mount --bind "$1" ".$2"
}
bind "$BIN/engine" /usr/local/bin/dagger-engine
bind "$BIN/init" /usr/local/bin/dagger-init
bind "$CONTENT" /usr/local/share/dagger/content
bind "$CONFIG" /etc/dagger
bind "$STATE" /var/lib/dagger
bind "$REGISTRY" /var/lib/registry
mkdir -p opt/cni/bin
for plugin in bridge firewall host-local loopback; do ln -s "/usr/lib/cni/$plugin" "opt/cni/bin/$plugin"; done
bind "$BIN/dnsname" /opt/cni/bin/dnsname
# Where the engine looks for what Debian keeps in /usr/sbin.
ln -s /usr/sbin/runc usr/local/bin/runc
ln -sf /usr/sbin/xtables-legacy-multi /usr/sbin/xtables-nft-multi usr/bin/

mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs run
bind "$RUN" /run/slipway
echo "nameserver 10.0.2.3" >etc/resolv.conf

mkdir .host
pivot_root . .host
cd /
umount -l /.host
rmdir /.host

PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ip link set lo up
waited=0
until ip -4 -o address show dev tap0 2>/dev/null | grep -q 'inet '; do
	waited=$((waited + 1))
	[ "$waited" -le 200 ] || { echo "slirp4netns gave no network in 10 s" >&2; exit 1; }
	sleep 0.05
done

# The engine's mirror for Docker Hub's names: this address leads to the host side, which answers from the
# registry and makes what is missing.
socat TCP-LISTEN:5000,bind=127.0.0.1,reuseaddr,fork UNIX-CONNECT:/run/slipway/mirror.sock &
docker-registry serve /etc/dagger/registry.yml >/run/slipway/registry.log 2>&1 &
exec tini -g -- dagger-engine --config /etc/dagger/engine.toml --addr unix:///run/slipway/engine.sock --root /var/lib/dagger
