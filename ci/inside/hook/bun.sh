#!/bin/sh
# A `bun` whose tests write reports. Its processes do not load the hook.
[ "$1" = test ] && [ -z "$SLIPWAY_RUN" ] || exec /slipway/hook/bun "$@"
exec env NODE_OPTIONS= /slipway/hook/node /slipway/hook/bun.cjs "$@"
