#!/bin/sh
# What compose files call in the official image of MariaDB: whether the server answers by its network, whatever is asked.
exec mysqladmin --host=127.0.0.1 --silent ping
