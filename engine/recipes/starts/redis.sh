#!/bin/sh
# Starts Redis open to its network, as the official image does.
set -e
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then set -- redis-server "$@"; fi
case "$1" in redis-server | valkey-server) ;; *) exec "$@" ;; esac
chown redis .
exec gosu redis "$@" --bind '*'
