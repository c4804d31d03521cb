#!/bin/sh
# Prints the address of the engine that has the fewest runs; of several, any. A job's first line on a runner:
#
#   export _EXPERIMENTAL_DAGGER_RUNNER_HOST=$(./idle-engine.sh $(getent ahostsv4 dagger-engines.dagger | awk '{ print $1 }'))
set -eu
[ $# -gt 0 ] || { echo "idle-engine.sh: no address of an engine" >&2; exit 2; }
best=$(for address in $(printf '%s\n' "$@" | sort -u | shuf); do
	runs=$(curl --silent --fail --max-time 2 "http://$address:9090/metrics" | awk '$1 == "dagger_connected_clients" { print $2 }') || continue
	[ -z "$runs" ] || echo "$runs $address"
done | sort --stable --numeric-sort --key=1,1 | head -n 1)
[ -n "$best" ] || { echo "idle-engine.sh: no engine answers: $*" >&2; exit 1; }
echo "tcp://${best#* }:1234"
