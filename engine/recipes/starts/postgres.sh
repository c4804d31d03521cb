#!/bin/bash
# Starts PostgreSQL as the official image does: on an empty data folder it makes the cluster, the user and the
# database that the environment names, and runs the scripts of /docker-entrypoint-initdb.d.
set -e
. /usr/local/lib/entrypoint/common.sh
[ "${1#-}" = "$1" ] || set -- postgres "$@"
[ "$1" = postgres ] || exec "$@"
PGDATA=${PGDATA:-/var/lib/postgresql/data}
socket=/var/run/postgresql
export PGDATA POSTGRES_USER="${POSTGRES_USER:-postgres}"
export POSTGRES_DB="${POSTGRES_DB:-$POSTGRES_USER}"
mkdir -p "$PGDATA" "$socket" /docker-entrypoint-initdb.d
chown postgres "$PGDATA" "$socket"
chmod 700 "$PGDATA"

statements() {
	psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" "$@"
}
statements_of() {
	statements --file="$1"
}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
	if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
		echo "Error: Database is uninitialized and superuser password is not specified. Set POSTGRES_PASSWORD." >&2
		exit 1
	fi
	(umask 077 && printf '%s\n' "${POSTGRES_PASSWORD:-unused}" >/tmp/password)
	chown postgres /tmp/password
	# The arguments may hold quotes, as in a shell.
	[ -z "$POSTGRES_INITDB_WALDIR" ] || install -d -o postgres -m 700 "$POSTGRES_INITDB_WALDIR"
	eval 'gosu postgres initdb -D "$PGDATA" -U "$POSTGRES_USER" --pwfile=/tmp/password --no-sync \
		${POSTGRES_INITDB_WALDIR:+--waldir="$POSTGRES_INITDB_WALDIR"} '"$POSTGRES_INITDB_ARGS" >/dev/null
	rm /tmp/password
	method=scram-sha-256
	[ "$PG_MAJOR" -ge 14 ] || method=md5
	echo "host all all all ${POSTGRES_HOST_AUTH_METHOD:-$method}" >>"$PGDATA/pg_hba.conf"
	if [ "$POSTGRES_DB" != postgres ]; then
		echo "CREATE DATABASE \"$POSTGRES_DB\"" | gosu postgres postgres --single -D "$PGDATA" postgres >/dev/null
	fi
	# Until the scripts are done, the server is reachable for them alone.
	if [ -n "$(ls /docker-entrypoint-initdb.d)" ]; then
		export PGPASSWORD="$POSTGRES_PASSWORD" PGHOST="$socket"
		gosu postgres pg_ctl -D "$PGDATA" -w -o "-c listen_addresses='' -c unix_socket_directories=$socket" start
		initialise
		gosu postgres pg_ctl -D "$PGDATA" -m fast -w stop
		unset PGPASSWORD PGHOST
	else
		# The official image starts a server here in any case: clients wait until its log says this for the second time.
		echo "LOG:  database system is ready to accept connections"
	fi
	echo "PostgreSQL init process complete; ready for start up."
fi
exec gosu postgres "$@" -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories="$socket"
