#!/bin/sh
# A `bun` whose tests write reports. Its processes do not load the hook, and watch no files: that never ends.
while [ "$1" = --watch ] || [ "$1" = --hot ]; do shift; done
[ "$1" = test ] && [ -z "$SLIPWAY_RUN" ] || exec /slipway/hook/bun "$@"
exec env NODE_OPTIONS= /slipway/hook/node /slipway/hook/bun.cjs "$@"
