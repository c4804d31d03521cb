#!/bin/sh
# Makes what a package of npm has and a clone makes by itself: the command line as one file, without packages that npm
# would have to install, and the description of the module, which the compiler reads, its commit, and files
# that npm leaves out. `npm pack` runs it.
set -eu
./slipway help >/dev/null
cp node_modules/.slipway/module.json module.json
find ci engine modules -name node_modules -prune -o -name .npmrc -print | tar -cf npmrc.tar -T -
git rev-parse --verify --quiet HEAD >commit || : >commit
# Packages of the older kind call require.
banner='import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);'
node_modules/.bin/esbuild cli/main.ts --bundle --platform=node --format=esm --target=node20 --minify-whitespace \
	--external:@dagger.io/dagger --external:esbuild --external:typescript --external:vitest \
	--banner:js="$banner" --log-level=warning --outfile=cli.mjs
