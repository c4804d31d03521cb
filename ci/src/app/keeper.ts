/** Where services leave their logs, in a volume that all share: a file by the address of the service's container. */
export const LOGS = "/slipway-logs"

/** Said in a service's log when it ended; `wait.ts` looks for it. */
export const ENDED = "slipway: ended with exit code"
/** Said when its migration failed. */
export const NOT_MIGRATED = "slipway: the migration failed with exit code"

/**
 * A POSIX shell script that starts a service: waits for the file SLIPWAY_AFTER, migrates its database with the command in SLIPWAY_MIGRATE, then runs
 * its arguments. It outlives what it starts: when a service ends, its log must still be there to say why, and the
 * engine would end whatever is bound to it.
 */
export const KEEPER = `address=$(awk '/32 host/ { if (last !~ /^127/) print last } { last = $2 }' /proc/net/fib_trie | head -n 1)
log="${LOGS}/shared/$address.log"
rm -f "$log"
find "${LOGS}/shared" -type f -mtime +0 -exec rm -f {} +
exec >"$log" 2>&1
stay() { trap 'exit 0' TERM INT; sleep 86400 & wait $!; exit 0; }
while [ -n "$SLIPWAY_AFTER" ] && [ ! -e "$SLIPWAY_AFTER" ]; do sleep 1; done
if [ -n "$SLIPWAY_MIGRATE" ]; then
  sh -c "$SLIPWAY_MIGRATE" || { echo "${NOT_MIGRATED} $?"; stay; }
fi
"$@" &
child=$!
trap 'kill -TERM $child' TERM INT
wait $child
echo "${ENDED} $?"
stay
`

/** What `inside/wait.ts` is to wait for. */
export interface Wait {
  /** Seconds in which all must be up. */
  readonly seconds: number
  /** Folder of the logs, a file by address. */
  readonly logs: string
  /** What a log says when its service is over, by what that means. */
  readonly over: Readonly<Record<"service" | "migration", string>>
  readonly services: readonly {
    readonly name: string
    readonly url: string
    /** Only a success will do; otherwise anything but an error of the server. */
    readonly strict: boolean
  }[]
}
