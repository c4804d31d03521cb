import type { Container } from "@dagger.io/dagger"
import { quote } from "../run/command.js"
import { type Given, withEnvironment } from "../run/stage.js"

/** Seconds in which a program must begin to listen. */
const SECONDS = 40

/** The port that `PORT` suggests; most programs follow it. */
const SUGGESTED = 8080

const LISTENS = "slipway: listens on"
const ENDED = "slipway: ended with exit code"

/**
 * A POSIX shell script that starts its arguments and says on which port they listen, by the kernel's tables of sockets.
 * Sockets of the loopback alone do not count: nobody else reaches them.
 */
const SCRIPT = `[ -z "$SLIPWAY_MIGRATE" ] || sh -c "$SLIPWAY_MIGRATE"
"$@" &
child=$!
tries=0
while [ $tries -lt ${SECONDS} ]; do
  while read -r _ address _ state _; do
    [ "$state" = 0A ] || continue
    case $address in 0100007F:*|00000000000000000000000001000000:*|0B00007F:*) continue ;; esac
    echo "${LISTENS} $((0x\${address##*:}))"
    kill -9 $child
    exit 0
  done <<SOCKETS
$(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null)
SOCKETS
  kill -0 $child 2>/dev/null || { wait $child; echo "${ENDED} $?"; exit 0; }
  tries=$((tries + 1))
  sleep 1
done
echo "slipway: listens on nothing"
kill -9 $child
exit 0`

/** What became of a program that was started to see where it listens. */
export type Listens = { readonly port: number } | { readonly why: string; readonly log: string }

/** Starts a program and tells the port that it listens on. */
export async function listens(
  command: Given["command"],
  container: Container,
  words: readonly string[],
): Promise<Listens> {
  const tried = withEnvironment(container, { PORT: String(SUGGESTED) }).withUser("root")
  const ran = await command({
    container: tried.withNewFile("/slipway-listens", SCRIPT),
    steps: [
      { name: "port", run: `sh /slipway-listens ${words.map(quote).join(" ")}`, timeout: SECONDS + 120 },
    ],
  })
  return readListens(ran.log.text)
}

/** Reads the last line of the script; before it is what the program printed. */
export function readListens(log: string): Listens {
  const port = new RegExp(`^${LISTENS} (\\d+)$`, "m").exec(log)?.[1]
  if (port !== undefined) return { port: Number(port) }
  const code = new RegExp(`^${ENDED} (\\d+)$`, "m").exec(log)?.[1]
  const lines = log.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("slipway:"))
  const last = lines.find((line) => /^\w*error\b/i.test(line)) ?? lines.at(-1)
  const said = last === undefined ? "" : `: ${last.trim()}`
  const why =
    code === undefined
      ? `listens on no port within ${SECONDS} s${said}`
      : `ended with exit code ${code} before it listened on a port${said}`
  return { why, log }
}
