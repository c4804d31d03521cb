import * as z from "zod/mini"
import type { Config } from "../config/config.js"
import { didYouMean } from "../config/suggest.js"
import { parseJson, recordOf } from "../formats/json.js"
import { type Pinned, pinnedName } from "../image/reference.js"
import type { RunContext } from "../run/context.js"
import { Fault } from "../run/fault.js"
import type { Commits } from "./commits.js"

/** Actions of the deployer. `plan` shows what `deploy` would do. */
export type Action = "deploy" | "rollback" | "migrate" | "health" | "status" | "plan" | "audit" | "compatible"

/** The caller's part of a request. */
export interface DeployRequest {
  readonly action: Action
  readonly environment: string
  readonly images: readonly Pinned[]
  /** Approvals as JSON, one after another or in a list; or "". */
  readonly approvals: string
  /** The reason for break-glass, or "". */
  readonly breakGlass: string
  /** The answer to a deployment that waits: `continue`, `rollback`, `full`, or ""; `continue:<ID>`: to that question. */
  readonly answer: string
  /** The release to roll back to, by number; 0: the last proven-good one. */
  readonly to: number
  /** For `rollback`: the commit to leave, or "": what is live when it begins. */
  readonly from: string
  /** For `rollback`: preempts another run that only watches. */
  readonly takeOver: boolean
  /** For `status`: restores objects of the environment that are damaged or missing. */
  readonly repair: boolean
  /** For `compatible`: the result to keep; null: only asks what must be tried. */
  readonly trial: KeptTrial | null
  /** For `rollback`: whether waves return from a release by it. Nobody's own rollback is taken for it. */
  readonly wayBack: boolean
}

/** The result of a trial. */
export interface KeptTrial {
  /** Digest of what it is about. */
  readonly subject: string
  readonly verdict: "passed" | "failed"
  /** What was tried, or the app's own error. */
  readonly what: string
}

/** The project's part of a request. */
export interface Surroundings {
  readonly config: Config
  readonly context: RunContext
  readonly commits: Commits
  /** Who approves in a rehearsal: keys of `approvals` that replace those of the environment. */
  readonly approvers?: object | undefined
  /** Contents of the files that services name as `taskDefinition`, by path. */
  readonly taskDefinitions?: Readonly<Record<string, object>>
  /** URL prefixes and their replacements, for a rehearsal. */
  readonly endpoints?: Readonly<Record<string, string>> | undefined
  readonly clock?: string
}

/**
 * Returns the deployer's request. Its JSON Schema (`modules/deploy` `schema`) describes each key.
 *
 * @throws {Fault} `configuration` for an unknown environment, approvals that are not JSON, or a run that nobody started.
 */
export function deployRequest(
  options: DeployRequest,
  { config, context, commits, approvers, ...rest }: Surroundings,
): object {
  const { action, to, breakGlass } = options
  const [answer, question] = options.answer.split(":")
  const environment = environmentOf(config, options.environment)
  const actor = actorOf(context, options, environment)
  const ids = idsOf(context, commits)
  return {
    version: 1,
    action,
    environment: {
      name: options.environment,
      ...environment,
      ...(approvers ? { approvals: { ...recordOf(environment.approvals), ...approvers } } : {}),
    },
    release: {
      commit: commits.commit,
      ancestors: commits.ancestors,
      complete: commits.complete,
      authors: authorsOf(commits, context),
      history: commits.history,
      images: Object.fromEntries(options.images.map((image) => [nameOf(image, config), pinnedName(image)])),
    },
    approvals: parsed(options.approvals),
    breakGlass: breakGlass === "" ? null : { by: actor, reason: breakGlass },
    run: runOf(context, { id: options.wayBack ? ids.wayBack : ids.id, unique: ids.unique }, actor),
    answer: answer || null,
    question: question || null,
    to: to === 0 ? null : to,
    from: options.from || null,
    takeOver: options.takeOver,
    repair: options.repair,
    trial: options.trial,
    ...rest,
  }
}

/** Who wrote a release: neither authors nor whoever started the run may approve it. */
const authorsOf = ({ author }: Commits, { actor, starters = [] }: RunContext): readonly string[] => [
  ...new Set([author, ...(actor ? [actor] : []), ...starters]),
]

/** How ledgers name a run. */
interface RunIds {
  /** The vendor's ID, or else the commit. */
  readonly id: string
  /** Whether no other run has it. */
  readonly unique: boolean
  /** The ID of the run by which waves return from a release. */
  readonly wayBack: string
}

/** Returns how ledgers name a run. */
export function idsOf({ vendor, run }: RunContext, { commit }: Pick<Commits, "commit">): RunIds {
  const id = [vendor ?? "local", run ?? commit.slice(0, 12)].join("-")
  return { id, unique: run !== null, wayBack: `${id}-back` }
}

const runOf = (context: RunContext, { id, unique }: Omit<RunIds, "wayBack">, actor: string): object => ({
  id,
  unique,
  number: context.run,
  vendor: context.vendor ?? "local",
  url: context.url,
  ref: context.tag ?? context.branch,
  tag: context.tag !== null,
  actor,
  // On a laptop nothing counts: who types the command again means to try again.
  attempt: context.vendor === null ? Math.floor(Date.now() / 1000) : context.attempt,
})

/** Actions that change something, and so are someone's. */
const ACTS: ReadonlySet<Action> = new Set(["deploy", "rollback", "migrate"])
const NOBODY = "unknown"

/**
 * Returns who starts the run. Production must know: that person may not approve it.
 *
 * @throws {Fault} `configuration` if nobody can tell.
 */
function actorOf(
  { actor }: RunContext,
  { action, breakGlass }: DeployRequest,
  { production }: Readonly<Record<string, unknown>>,
): string {
  if (actor !== null && actor.trim() !== "") return actor
  if (!ACTS.has(action) || (production !== true && breakGlass === "")) return NOBODY
  throw new Fault("configuration", {
    what: "nobody can tell who starts this run",
    where: null,
    fix: `pass \`--run '{"actor":"you@example.org"}'\` before the function; wrappers and ./slipway pass it themselves`,
  })
}

/** @throws {Fault} `configuration` for an environment that slipway.yaml does not have. */
export function environmentOf({ environments }: Config, name: string): Readonly<Record<string, unknown>> {
  const found = Object.hasOwn(environments, name) ? environments[name] : undefined
  if (found !== undefined) return found
  const names = Object.keys(environments)
  throw new Fault("configuration", {
    what: `unknown environment ${JSON.stringify(name)}${didYouMean(name, names)}`,
    where: "slipway.yaml",
    fix:
      names.length === 0
        ? "add it under `environments`"
        : `use one of ${names.join(", ")}, or add it under \`environments\``,
  })
}

const migrationSchema = () =>
  z.looseObject({
    services: z._default(z.array(z.looseObject({ name: z.string(), image: z.string() })), []),
    migration: z._default(
      z.nullable(
        z.looseObject({
          service: z._default(z.nullable(z.string()), null),
          image: z._default(z.nullable(z.string()), null),
        }),
      ),
      null,
    ),
  })

/** Returns the name of the image that migrates in an environment, as the deployer chooses it; "": it has none. */
export function migrationImage(environment: Readonly<Record<string, unknown>>): string {
  const read = migrationSchema().safeParse(environment, { jitless: true })
  if (!read.success || read.data.migration === null) return ""
  const { services, migration } = read.data
  return services.find(({ name }) => name === migration.service)?.image ?? migration.image ?? ""
}

/** Returns the name of an image in `environments`: its workspace, or else the last part of its repository. */
export function nameOf({ path }: Pinned, { image }: Config): string {
  const last = path.slice(path.lastIndexOf("/") + 1)
  const [workspace] =
    Object.entries(image.workspaces).find(
      ([, { repository }]) => repository !== null && (path === repository || path.endsWith(`/${repository}`)),
    ) ?? []
  return workspace ?? last
}

function parsed(approvals: string): unknown {
  if (approvals.trim() === "") return []
  try {
    return documentsIn(approvals).flat()
  } catch (error) {
    throw new Fault("configuration", {
      what: `the approvals are not JSON: ${error instanceof Error ? error.message : String(error)}`,
      where: null,
      fix: "pass the files that `slipway approve` writes, one after another: `cat ada.json bob.json >approvals.json`",
    })
  }
}

/** Returns the JSON documents of a text: one, or one a line. @throws SyntaxError for what is no JSON. */
function documentsIn(text: string): readonly unknown[] {
  const whole = parseJson(text)
  if (whole !== null) return [whole]
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line): unknown => JSON.parse(line))
}
