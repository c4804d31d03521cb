import { type JsonRecord, recordOf } from "../../formats/json.js"
import { commandBehind } from "../command-prefixes.js"
import { type ShellCommand, stepCommands } from "../shell-words.js"
import { containerOf, insideOf, type Place } from "./docker-run.js"
import { bareService, type Env, type FoundService, type Step, type Technology } from "./found.js"
import { MONGODB, MYSQL, POSTGRESQL, RABBITMQ, REDIS } from "./technologies.js"
import { mapValues, pairs, scalar } from "./values.js"

/** Returns the services that command lines start: `docker run -p 5432:5432 postgres:16`, `systemctl start mysql`. */
export const startedBy = (steps: readonly Step[], place: Place): readonly FoundService[] =>
  steps.flatMap((step) =>
    commandsIn(step).flatMap(
      (words) => containerOf(words, step, place) ?? ofMachine(words, place.source) ?? [],
    ),
  )

/**
 * Gives services the commands that command lines run in their containers: `docker exec db createdb test`. One that fails
 * here, for a program that this image lacks, leaves the rest to the tests.
 */
export function withInside(
  services: readonly FoundService[],
  steps: readonly Step[],
): readonly FoundService[] {
  const inside = steps.flatMap((step) => commandsIn(step).flatMap((words) => insideOf(words) ?? []))
  return services.map((service) => {
    const own = inside.filter(({ host }) => [service.host, ...service.aliases].includes(host))
    return { ...service, init: [...service.init, ...own.map(({ run }) => `${run} || true`)] }
  })
}

const commandsIn = ({ run, leftOut }: Step): readonly ShellCommand[] =>
  leftOut ? [] : stepCommands(run).map(commandBehind)

/** Services of machines by their names there and in actions, and how they let users in. */
const KNOWN: readonly (readonly [name: RegExp, technology: Technology, env: Env])[] = [
  [/^(?:mysqld?|mariadb)$/, MYSQL, { MYSQL_ROOT_PASSWORD: "root" }],
  [/^postgres(?:ql)?(?:@[\w.-]+)?$/, POSTGRESQL, { POSTGRES_HOST_AUTH_METHOD: "trust" }],
  [/^redis(?:-server)?$/, REDIS, {}],
  [/^mongo(?:d|db)?$/, MONGODB, {}],
  [/^rabbitmq(?:-server)?$/, RABBITMQ, {}],
]

/** Returns a service of some name on the machine's own port; null for an unknown one. */
function known(name: string, source: string): FoundService | null {
  const [, technology, env = {}] = KNOWN.find(([pattern]) => pattern.test(name)) ?? []
  if (!technology?.unasked) return null
  const { host, image } = technology.unasked
  const { port } = technology
  return { ...bareService(host, image, technology, source), env, published: { [port]: port } }
}

/** `systemctl start redis.service`, `service mysql start`, `/etc/init.d/mysql start`. */
const STARTS = /^(?:systemctl (?:re)?start |service |\/etc\/init\.d\/)(?<name>[\w@.-]+?)(?:\.service)?(?= |$)/

/** Returns the service that a command starts on its machine; null for any other command, and for an unknown service. */
export function ofMachine(words: ShellCommand, source: string): FoundService | null {
  const line = words.filter((word) => !word.startsWith("-")).join(" ")
  const name = STARTS.exec(line)?.groups?.name
  return name === undefined || !/ (?:re)?start\b/.test(line) ? null : known(name, source)
}

/** Words around the service in the names of actions that start one. */
const ACTION = /^(?:actions?-)?(?:setup-|start-)?(?<name>[a-z]+?)(?:-(?:github-)?action|-setup|-server)?$/

/** Inputs of such actions that name a user or a database, and the variables of images for them. */
const INPUTS: readonly (readonly [input: RegExp, technology: Technology, variable: string])[] = [
  [/user(?:name)?$/, POSTGRESQL, "POSTGRES_USER"],
  [/(?:db|database)$/, POSTGRESQL, "POSTGRES_DB"],
  [/(?:db|database)$/, MYSQL, "MYSQL_DATABASE"],
]

/** Returns the service that an action of GitHub starts: `supercharge/redis-github-action`, `ankane/setup-mysql`; null without one. */
export function startedByAction(step: JsonRecord, source: string): FoundService | null {
  const action = (scalar(step.uses) ?? "").replace(/@.*$/, "").split("/")[1] ?? ""
  const service = known(ACTION.exec(action)?.groups?.name ?? "", source)
  if (service === null) return null
  const inputs = pairs(recordOf(step.with))
  const input = (pattern: RegExp) => Object.keys(inputs).find((name) => pattern.test(name))
  const set = INPUTS.filter(([, technology]) => technology === service.technology)
  const env = Object.fromEntries(set.map(([pattern, , variable]) => [variable, inputs[input(pattern) ?? ""]]))
  const version = inputs[input(/(?:^|[ _-])version$/) ?? ""] ?? ""
  return {
    ...service,
    image: /^\d/.test(version) ? service.image.replace(/:.*$/, `:${version}`) : service.image,
    env: { ...service.env, ...mapValues(env, (value) => value ?? null) },
  }
}
