import type { Config } from "../config/config.js"
import { didYouMean } from "../config/suggest.js"
import { type Pinned, pinnedName } from "../image/reference.js"
import type { RunContext } from "../run/context.js"
import { Fault } from "../run/fault.js"
import type { Commits } from "./commits.js"

/** Actions of the deployer. `plan` shows what `deploy` would do. */
export type Action = "deploy" | "rollback" | "migrate" | "health" | "status" | "plan"

/** The caller's part of a request. */
export interface DeployRequest {
  readonly action: Action
  readonly environment: string
  readonly images: readonly Pinned[]
  /** A list of approvals as JSON, or "". */
  readonly approvals: string
  /** The reason for break-glass, or "". */
  readonly breakGlass: string
  /** The answer to a deployment that waits: `continue`, `rollback`, or "". */
  readonly answer: string
  /** The release to roll back to, by number; 0: the last proven-good one. */
  readonly to: number
}

/** The project's part of a request. */
export interface Surroundings {
  readonly config: Config
  readonly context: RunContext
  readonly commits: Commits
  /** URL prefixes and their replacements, for a rehearsal. */
  readonly endpoints?: Readonly<Record<string, string>>
  readonly clock?: string
}

/**
 * Returns the deployer's request. Its JSON Schema (`modules/deploy` `schema`) describes each key.
 *
 * @throws {Fault} `configuration` for an unknown environment, or approvals that are not JSON.
 */
export function deployRequest(
  options: DeployRequest,
  { config, context, commits, ...rest }: Surroundings,
): object {
  const { action, answer, to, breakGlass } = options
  const actor = context.actor ?? commits.author
  return {
    version: 1,
    action,
    environment: { name: options.environment, ...environmentOf(config, options.environment) },
    release: {
      commit: commits.commit,
      ancestors: commits.ancestors,
      complete: commits.complete,
      // Neither the author nor the person who started the run may approve it.
      authors: [
        ...new Set([commits.author, ...addressOf(commits.author), ...(context.actor ? [context.actor] : [])]),
      ],
      images: Object.fromEntries(options.images.map((image) => [nameOf(image, config), pinnedName(image)])),
    },
    approvals: parsed(options.approvals),
    breakGlass: breakGlass === "" ? null : { by: actor, reason: breakGlass },
    run: {
      id: [context.vendor ?? "local", context.run ?? commits.commit.slice(0, 12)].join("-"),
      vendor: context.vendor ?? "local",
      url: context.url,
      actor,
      attempt: context.attempt,
    },
    answer: answer === "" ? null : answer,
    to: to === 0 ? null : to,
    ...rest,
  }
}

/** Splits `Ada <ada@example.org>` into name and address. */
const addressOf = (author: string): readonly string[] =>
  author.split(/ <|(?:>$)/).filter((part) => part !== "")

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
    return JSON.parse(approvals)
  } catch (error) {
    throw new Fault("configuration", {
      what: `the approvals are not JSON: ${error instanceof Error ? error.message : String(error)}`,
      where: null,
      fix: 'pass a list such as [{"by":"ada","at":"2026-01-31T10:00:00Z","commit":"…","source":"vendor"}]',
    })
  }
}
