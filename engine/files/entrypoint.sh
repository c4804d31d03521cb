#!/bin/sh
# Entry point of the engine's image.
set -eu

# Where this container is the root of its control groups (version 2), the engine may divide them only while no process
# is in the root itself.
groups=/sys/fs/cgroup
if [ -f "$groups/cgroup.controllers" ] && grep -qx 0::/ /proc/self/cgroup; then
	mkdir -p "$groups/init"
	# A process may end before it is moved.
	while read -r process; do echo "$process" >"$groups/init/cgroup.procs" || :; done <"$groups/cgroup.procs"
	sed 's/[^ ][^ ]*/+&/g' "$groups/cgroup.controllers" >"$groups/cgroup.subtree_control"
fi
exec dagger-engine --config /etc/dagger/engine.toml "$@"
