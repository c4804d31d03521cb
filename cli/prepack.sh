#!/bin/sh
# Makes the files of an npm package that a clone makes later or does not need: the command line as one file with the
# packages that it uses, the description of the module, the commit, and an archive of files that npm leaves out.
# `npm pack` runs it.
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
