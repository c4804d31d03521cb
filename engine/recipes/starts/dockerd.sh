#!/bin/sh
# Starts a Docker daemon in a privileged container, as the official image does.
set -e
case "${1:-}" in '' | -*) set -- dockerd "$@" ;; esac
[ "$1" = dockerd ] || exec "$@"
# A control group with processes in it hands nothing on to those below (cgroups(7), "no internal processes").
if [ -f /sys/fs/cgroup/cgroup.controllers ] && mkdir -p /sys/fs/cgroup/init 2>/dev/null; then
	xargs -rn1 </sys/fs/cgroup/cgroup.procs >/sys/fs/cgroup/init/cgroup.procs 2>/dev/null || true
	sed -e 's/ / +/g' -e 's/^/+/' </sys/fs/cgroup/cgroup.controllers >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null || true
fi
exec "$@"
