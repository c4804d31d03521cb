import { quote } from "../../run/command.js"
import { behindPrefixes, variablesOf } from "../command-prefixes.js"
import { baseName } from "../paths.js"
import { type ShellCommand, stepCommands } from "../shell-words.js"
import { type Place, type Read, readBy } from "./client-input.js"
import {
  CLIENTS,
  type Clients,
  placeOf,
  type ServerPlace,
  variablesThere,
  wordsThere,
} from "./client-words.js"
import type { Env, FoundService, Step, Technology } from "./found.js"
import { wholeCommands } from "./here-documents.js"
import { POSTGRESQL } from "./technologies.js"
import { expanded } from "./values.js"

/** Commands of the team's CI that prepare a database from outside: they run in its container, which has its client. */

/** A command that a client runs for a database. */
export interface ClientCommand extends ServerPlace, Pick<Read, "mounts"> {
  readonly technology: Technology
  /** Its line in the server's container. @param port the one that the server listens on there. */
  readonly run: (port: number) => string
}

/** Matches a text that calls a client. */
export const CALLS_CLIENT = /\b(?:psql|(?:create|drop)(?:db|user)|mysql|mariadb|mysqladmin|redis-cli)\b/

/** Words of commands that only ask, whether a server answers or which version it has, and that are for several servers. */
const ASKS = /^(?:ping|status|info|--version|-V|-l|--list|--help|select 1;?|\\l|--cluster)$/i

/**
 * Returns what steps do with databases by their clients: `psql -f schema.sql`, `mysql app < seed.sql`, `createdb test`. Leaves
 * out what only asks, what reads files that are not here, and what has values that only the shell there knows.
 *
 * @param files the paths of the repository.
 */
export const clientCommands = (steps: readonly Step[], files: readonly string[]): readonly ClientCommand[] =>
  wholeCommands(steps.filter(({ leftOut }) => !leftOut)).flatMap(({ step, document }) => {
    const all = stepCommands(step.run).flatMap(asOther)
    return all.flatMap(
      (words, i) => commandOf(words, { step, files, document, before: all[i - 1] ?? [] }) ?? [],
    )
  })

/** The commands of `su - postgres -c 'createdb app'`, as sudo would run them; any other command itself. */
export function asOther(words: ShellCommand): readonly ShellCommand[] {
  const { command } = behindPrefixes(words)
  const at = command.findIndex((word) => word === "-c" || word === "--command")
  if (command[0] !== "su" || at < 0) return [words]
  const user = command.slice(1, at).find((word) => !word.startsWith("-")) ?? "root"
  return stepCommands(command[at + 1] ?? "").map((one) => ["sudo", "-u", user, ...one])
}

function commandOf(all: ShellCommand, place: Place): ClientCommand | null {
  const { command, assigned } = behindPrefixes(all)
  const clients = clientsOf(command)
  if (clients === null) return null
  const env = { ...place.step.env, ...variablesOf(assigned) }
  const words = command.flatMap((word) => valued(word, env) ?? [])
  if (words.length < command.length || words.some((word) => ASKS.test(word))) return null
  const isTold = clients.told === null || words.some((word) => clients.told?.test(word))
  const read = readBy(words, clients.file, isTold, place)
  if (read === null || (!isTold && read.input === "")) return null
  // `sudo -u postgres psql` is let in by the user's name alone.
  const user = clients.technology === POSTGRESQL ? /^sudo .*?-u\s*(\w+)/.exec(all.join(" "))?.[1] : undefined
  return {
    technology: clients.technology,
    ...placeOf(read.words, clients, env),
    mounts: read.mounts,
    run: (port) =>
      [
        clients.set,
        ...variablesThere(env, clients, port),
        user === undefined ? "" : `PGUSER=${user}`,
        ...wordsThere(read.words, clients, port).map(quote),
        read.input,
      ]
        .filter((part) => part !== "")
        .join(" "),
  }
}

/** Tells whether a command calls a client in a way that nothing here stands for. */
export const isUnknownCall = (words: ShellCommand, place: Place): boolean =>
  clientsOf(behindPrefixes(words).command) !== null &&
  !words.some((word) => ASKS.test(word)) &&
  commandOf(words, place) === null

const clientsOf = ([program = ""]: ShellCommand): Clients | null =>
  CLIENTS.find(({ programs }) => programs.test(baseName(program))) ?? null

/** A word with the variables that its step has; null where only the shell there knows a value. */
function valued(word: string, env: Env): string | null {
  // PostgreSQL has texts between two such signs.
  if (word.includes("$$")) return word
  return /\$\(|`/.test(word) ? null : expanded(word, env)
}

/** Gives services what clients do with them from outside. One that fails here leaves the rest to the tests. */
export function withClients(
  services: readonly FoundService[],
  commands: readonly ClientCommand[],
): readonly FoundService[] {
  const targetOf = ({ technology, host, port }: ClientCommand) => {
    const fit = services.filter((one) => one.technology === technology)
    return (
      fit.find((one) => host !== null && [one.host, ...one.aliases].includes(host)) ??
      fit.find(({ published }) => port !== null && port in published) ??
      fit[0]
    )
  }
  return services.map((service) => {
    const own = commands.filter((one) => targetOf(one) === service)
    const port = service.ports[0] ?? service.technology?.port ?? 0
    return {
      ...service,
      init: [...service.init, ...own.map(({ run }) => `{ ${run(port)}\n} || true`)],
      mounts: Object.assign({}, service.mounts, ...own.map(({ mounts }) => mounts)),
    }
  })
}
