#!/bin/bash
# Starts FerretDB as the official image starts MongoDB: with the user that the environment names, and the scripts of
# /docker-entrypoint-initdb.d. Of mongod's options, those of the port and of the replica set have a meaning here.
set -e
. /usr/local/lib/entrypoint/common.sh
[ "${1#-}" = "$1" ] || set -- mongod "$@"
[ "$1" = mongod ] || exec "$@"

port=27017
replicas=
while [ $# -gt 0 ]; do
	case "$1" in
		--port=* | --replSet=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;;
		--port) port=$2 ;;
		--replSet) replicas=$2 ;;
	esac
	shift
done

data=/data/db
user=$MONGO_INITDB_ROOT_USERNAME
password=$MONGO_INITDB_ROOT_PASSWORD
mkdir -p "$data" /docker-entrypoint-initdb.d
if [ -n "$user$password" ] && { [ -z "$user" ] || [ -z "$password" ]; }; then
	echo "error: missing 'MONGO_INITDB_ROOT_USERNAME' or 'MONGO_INITDB_ROOT_PASSWORD'" >&2
	exit 1
fi
set -- --handler=sqlite --sqlite-url="file:$data/" --state-dir="$data" --telemetry=disable --debug-addr=- --log-level=error
[ -z "$user" ] || set -- "$@" --test-enable-new-auth --setup-database=admin --setup-username="$user" --setup-password="$password"

code=js
statements_of() {
	mongosh --quiet --port "$port" ${user:+-u "$user" -p "$password" --authenticationDatabase admin} \
		"${MONGO_INITDB_DATABASE:-test}" "$1"
}
if [ -n "$(ls /docker-entrypoint-initdb.d)" ] && [ ! -e "$data/.initialised" ]; then
	# Until the scripts are done, the server is reachable for them alone.
	ferretdb "$@" --listen-addr="127.0.0.1:$port" &
	server=$!
	until statements_of /dev/null >/dev/null 2>&1; do
		kill -0 "$server"
		sleep 0.1
	done
	initialise
	kill "$server"
	wait "$server" || true
	touch "$data/.initialised"
	# The user is there now.
	for option; do
		shift
		case "$option" in --setup-*) ;; *) set -- "$@" "$option" ;; esac
	done
fi
[ -n "$replicas" ] || exec ferretdb "$@" --listen-addr=":$port"
# Clients of a replica set connect to the address that it names as its member's.
address=$(hostname -I | cut -d ' ' -f 1)
socat "TCP-LISTEN:$port,bind=127.0.0.1,fork,reuseaddr" "TCP:$address:$port" &
exec ferretdb "$@" --repl-set-name="$replicas" --listen-addr="$address:$port"
