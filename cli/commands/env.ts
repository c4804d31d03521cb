import * as fs from "node:fs"
import * as path from "node:path"
import { inQuotes } from "../../ci/src/run/command.js"
import { layout } from "../../engine/layout.js"
import { FAULT_CODES } from "../fault.js"
import { replaceFile } from "../folder.js"
import { DAGGER_PROGRESS } from "../passthrough.js"
import { openSession, wrapperFolder } from "../session.js"
import type { Command } from "./command.js"

export const env: Command = {
  name: "env",
  group: "This machine",
  help: "prints shell code that makes `dagger` use the embedded engine",
  usage: ["env"],
  details: [
    'Run it as `eval "$(slipway env)"`.',
    "It starts the engine and puts a `dagger` command on the PATH of this shell.",
    "It prints nothing for the stock engine or a named one: `dagger` finds those without help.",
  ],
  async run() {
    const session = await openSession()
    if (session.choice.kind === "embedded") {
      writeWrapper(session.dagger)
      process.stdout.write(`export PATH=${inQuotes(pathWithWrapper())}\n`)
    }
    return 0
  },
}

function pathWithWrapper(): string {
  const folders = (process.env.PATH ?? "").split(path.delimiter)
  const others = folders.filter((folder) => folder !== wrapperFolder())
  return [wrapperFolder(), ...others].join(path.delimiter)
}

function writeWrapper(dagger: string): void {
  fs.mkdirSync(wrapperFolder(), { recursive: true })
  const file = path.join(wrapperFolder(), "dagger")
  replaceFile(file, wrapper(dagger), 0o755)
}

/** The dagger command of a shell that ran `slipway env`. */
function wrapper(dagger: string): string {
  const { socket, daemonFile } = layout()
  return `#!/bin/sh
# Runs the Dagger client on Slipway's embedded engine. Made by \`slipway env\`.
dagger=${inQuotes(dagger)}
daemon=${inQuotes(daemonFile)}
running() {
	pid=$(sed -n 's/^{"pid":\\([0-9]*\\),.*/\\1/p' "$daemon" 2>/dev/null) && [ -n "$pid" ] || return 1
	since=$(sed -n 's/.*"started":"\\([0-9]*\\)".*/\\1/p' "$daemon")
	set -- $(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null)
	[ "\${20:-}" = "$since" ]
}
if [ -z "\${_EXPERIMENTAL_DAGGER_RUNNER_HOST:-}" ]; then
	if running; then
		dagger=$(sed -n 's/.*"parts":{"bin":"\\([^"]*\\)".*/\\1/p' "$daemon")/dagger
	else
		# The client would wait two minutes for it without a word.
		case \${1:-help} in
		version | help | completion | -h | --help) ;;
		*) echo 'slipway: the engine is not running: start it with \`slipway engine start\`' >&2 && exit ${FAULT_CODES["engine-lost"].code} ;;
		esac
	fi
	export _EXPERIMENTAL_DAGGER_RUNNER_HOST=${inQuotes(`unix://${socket}`)}
fi
# This client has no interactive view: with one of these it would show nothing.
case \${DAGGER_PROGRESS:-auto} in
auto | tty) export DAGGER_PROGRESS=${DAGGER_PROGRESS} ;;
esac
# An empty value breaks the client.
[ -n "\${DAGGER_SESSION_PORT:-}" ] || unset DAGGER_SESSION_PORT
export DAGGER_NO_NAG=1 DO_NOT_TRACK=1
exec "$dagger" "$@"
`
}
