#!/bin/sh
# Fills templates with the environment and runs what the image's user put there, as the official image does.
set -e
if [ -d /etc/nginx/templates ]; then
	names=$(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/${\1}/p' | tr '\n' ' ')
	find /etc/nginx/templates -type f -name '*.template' | while read -r template; do
		out=/etc/nginx/conf.d/${template#/etc/nginx/templates/}
		mkdir -p "$(dirname "$out")"
		envsubst "$names" <"$template" >"${out%.template}"
	done
fi
for script in /docker-entrypoint.d/*.sh; do
	[ ! -x "$script" ] || "$script"
done
exec "$@"
