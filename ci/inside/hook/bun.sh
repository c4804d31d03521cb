#!/bin/sh
# A `bun` whose tests write reports: its processes load no hook.
[ "$1" = test ] && [ -z "$SLIPWAY_RUN" ] || exec /slipway/hook/bun "$@"
exec env NODE_OPTIONS= /slipway/hook/node /slipway/hook/bun.cjs "$@"
