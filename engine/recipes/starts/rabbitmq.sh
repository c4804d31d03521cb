#!/bin/sh
# Starts RabbitMQ with the user and the virtual host that the environment names, and its management interface.
set -e
. /usr/local/lib/entrypoint/common.sh
[ "$1" = rabbitmq-server ] || exec "$@"
mkdir -p /etc/rabbitmq/conf.d
cat >/etc/rabbitmq/conf.d/10-defaults.conf <<END
loopback_users = none
default_user = ${RABBITMQ_DEFAULT_USER:-guest}
default_pass = ${RABBITMQ_DEFAULT_PASS:-guest}
default_vhost = ${RABBITMQ_DEFAULT_VHOST:-/}
log.console = true
log.file = false
END
[ -e /etc/rabbitmq/enabled_plugins ] || echo "[rabbitmq_management]." >/etc/rabbitmq/enabled_plugins
chown -R rabbitmq:rabbitmq /etc/rabbitmq /var/lib/rabbitmq
exec gosu rabbitmq rabbitmq-server
