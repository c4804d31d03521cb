import { quote } from "../../run/command.js"
import type { FoundService } from "./found.js"

/** Where a service's container keeps the output that {@link LOGGED} copies. */
const LOG = "/tmp/slipway-log"

/** A shell script that starts its arguments in its own place, and copies their output to {@link LOG}. */
export const LOGGED = `: >${LOG}; tail -f ${LOG} & exec "$@" >>${LOG} 2>&1`

/** Seconds for one look, and for the `init` commands together. */
const LOOK_SECONDS = 10
const INIT_SECONDS = 300

/** Succeeds when something listens on a port, without a program that not every image has. */
const listens = (port: number): string =>
  `grep -qi ":${port.toString(16).padStart(4, "0")} [0-9A-F]*:0000 0A" /proc/net/tcp /proc/net/tcp6 2>/dev/null`

/** The command that succeeds when a service answers. */
function lookOf({ technology, ports, ready }: FoundService): string {
  const open = ports.length > 0 ? ports.map(listens).join(" && ") : "true"
  if (ready.log !== null) return `grep -Eq ${quote(ready.log)} ${LOG}`
  const own = ready.command ?? open
  if (ready.decided || !technology?.ready) return own
  const found = technology.programs.map((program) => `command -v ${program}`).join(" || ")
  return `if { ${found}; } >/dev/null 2>&1; then ${technology.ready}; else ${own}; fi`
}

/**
 * Returns the shell script that looks whether a service is ready, in its container. It succeeds once the service has
 * answered and its `init` commands have succeeded; they run once.
 */
export function readyScript(service: FoundService): string {
  const { host, technology, ports, init } = service
  const [done, begun, inited] = ["ready", "init-begun", "init-done"].map((name) => `/tmp/slipway-${name}`)
  return [
    `[ -e ${done} ] && exit 0`,
    `export host=${quote(host)} port=${ports[0] ?? technology?.port ?? 0}`,
    `bounded() { if command -v timeout >/dev/null 2>&1; then timeout "$1" sh -c "$2"; else sh -c "$2"; fi; }`,
    `bounded ${LOOK_SECONDS} ${quote(lookOf(service))} || exit 1`,
    ...(init.length === 0
      ? []
      : [
          `[ -e ${begun} ] || { : >${begun}; bounded ${INIT_SECONDS} ${quote(["set -e", ...init].join("\n"))} >${begun} 2>&1 && : >${inited}; }`,
          `[ -e ${inited} ] || { echo "its init failed: $(tail -n 20 ${begun})" >&2; exit 1; }`,
        ]),
    `: >${done}`,
  ].join("\n")
}
