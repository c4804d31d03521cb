#!/bin/bash
# Starts MariaDB as the official images of MySQL and MariaDB do: on an empty data folder it makes the users and the
# database that the environment names, and runs the scripts of /docker-entrypoint-initdb.d.
set -e
. /usr/local/lib/entrypoint/common.sh
[ "${1#-}" = "$1" ] || set -- mysqld "$@"
case "$1" in mysqld | mariadbd) shift ;; *) exec "$@" ;; esac

# An option that this server does not know is passed over: MySQL has others.
count=$#
while [ "$count" -gt 0 ]; do
	option=$1
	shift
	case "$option" in
		--loose-*) set -- "$@" "$option" ;;
		--*) set -- "$@" "--loose-${option#--}" ;;
		*) set -- "$@" "$option" ;;
	esac
	count=$((count - 1))
done

setting() {
	printenv "MARIADB_$1" || printenv "MYSQL_$1" || true
}
quoted() {
	printf '%s' "$1" | sed "s/\\\\/\\\\\\\\/g; s/'/''/g"
}
root=$(setting ROOT_PASSWORD)
host=$(setting ROOT_HOST)
database=$(setting DATABASE)
user=$(quoted "$(setting USER)")
password=$(quoted "$(setting PASSWORD)")
data=/var/lib/mysql
socket=/run/mysqld/mysqld.sock
mkdir -p "$data" /run/mysqld /docker-entrypoint-initdb.d
chown mysql:mysql "$data" /run/mysqld

statements() {
	mysql --socket="$socket" -uroot --password="$root" --default-character-set=utf8mb4 ${database:+"$database"} "$@"
}
statements_of() {
	statements <"$1"
}

if [ ! -d "$data/mysql" ]; then
	random=$(setting RANDOM_ROOT_PASSWORD)
	if [ -z "$root$random$(setting ALLOW_EMPTY_PASSWORD)$(setting ALLOW_EMPTY_ROOT_PASSWORD)" ]; then
		echo "Error: Database is uninitialized and password option is not specified. Set MYSQL_ROOT_PASSWORD." >&2
		exit 1
	fi
	if [ -n "$random" ] && [ -z "$root" ]; then
		root=$(head -c 18 /dev/urandom | base64)
		echo "GENERATED ROOT PASSWORD: $root"
	fi
	if [ "$user" = root ]; then
		echo "Error: MYSQL_USER is root: MYSQL_USER and MYSQL_PASSWORD are for another user. Set MYSQL_ROOT_PASSWORD alone." >&2
		exit 1
	fi
	mysql_install_db --user=mysql --datadir="$data" --skip-test-db --auth-root-authentication-method=normal >/dev/null
	# Until the scripts are done, the server is reachable for them alone.
	gosu mysql mysqld --datadir="$data" --socket="$socket" --skip-networking "$@" &
	server=$!
	until mysqladmin --socket="$socket" --silent ping >/dev/null 2>&1; do
		kill -0 "$server"
		sleep 0.1
	done
	run() {
		printf '%s\n' "$1" | mysql --socket="$socket" -uroot
	}
	[ -z "$database" ] || run "CREATE DATABASE IF NOT EXISTS \`$database\`;"
	if [ -n "$user" ] && [ -z "$password" ]; then
		echo "Warning: MYSQL_USER without MYSQL_PASSWORD: the user is not made" >&2
	elif [ -n "$user" ]; then
		run "CREATE USER '$user'@'%' IDENTIFIED BY '$password';"
		[ -z "$database" ] || run "GRANT ALL ON \`$database\`.* TO '$user'@'%';"
	fi
	# The data folder comes with a root of each of this machine's addresses, and no password: they would count before %.
	run "DELETE FROM mysql.global_priv WHERE User = 'root' AND Host <> 'localhost';
		FLUSH PRIVILEGES;"
	host=$(quoted "${host:-%}")
	[ "$host" = localhost ] || run "CREATE USER root@'$host' IDENTIFIED BY '$(quoted "$root")';
		GRANT ALL ON *.* TO root@'$host' WITH GRANT OPTION;"
	run "ALTER USER root@localhost IDENTIFIED BY '$(quoted "$root")';"
	initialise
	mysqladmin --socket="$socket" -uroot --password="$root" shutdown
	wait "$server"
	echo "MySQL init process done. Ready for start up."
fi
exec gosu mysql mysqld --datadir="$data" --socket="$socket" "$@"
