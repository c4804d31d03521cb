import type { Config } from "../config/config.js"
import { didYouMean } from "../config/suggest.js"
import { type Pinned, pinnedName } from "../image/reference.js"
import type { RunContext } from "../run/context.js"
import { Fault } from "../run/fault.js"
import type { Commits } from "./commits.js"

/** What the deployer is asked for; `plan` only says what `deploy` would do. */
export type Action = "deploy" | "rollback" | "migrate" | "health" | "status" | "plan"

/** What a caller says of a deployment, beside the project and its history. */
export interface Asked {
  readonly action: Action
  readonly environment: string
  readonly images: readonly Pinned[]
  /** JSON, as a vendor's approvals or a file have them. */
  readonly approvals: string
  /** Why rules are to be broken; "" where they are not. */
  readonly breakGlass: string
  /** What a deployment that waits is told: `continue`, `rollback`, or "". */
  readonly answer: string
  /** The number of the release to go back to; 0 for the last that was proven good. */
  readonly to: number
}

/** What else goes into a request. */
export interface Around {
  readonly config: Config
  readonly context: RunContext
  readonly commits: Commits
  /** Beginnings of URLs, and what to ask instead: of a rehearsal. */
  readonly endpoints?: Readonly<Record<string, string>>
  readonly clock?: string
}

/**
 * The one JSON that the deployer takes; its own schema says what each key means.
 *
 * @throws {Fault} `configuration` for an environment that slipway.yaml does not have, or approvals that are no JSON.
 */
export function deployRequest(asked: Asked, { config, context, commits, ...rest }: Around): object {
  const { action, answer, to, breakGlass } = asked
  const actor = context.actor ?? commits.author
  return {
    version: 1,
    action,
    environment: { name: asked.environment, ...environmentOf(config, asked.environment) },
    release: {
      commit: commits.commit,
      ancestors: commits.ancestors,
      complete: commits.complete,
      // Whoever started the run may not approve it either.
      authors: [
        ...new Set([commits.author, ...addressOf(commits.author), ...(context.actor ? [context.actor] : [])]),
      ],
      images: Object.fromEntries(asked.images.map((image) => [nameOf(image, config), pinnedName(image)])),
    },
    approvals: parsed(asked.approvals),
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

/** The name and the address of `Ada <ada@example.org>`, apart. */
const addressOf = (author: string): readonly string[] =>
  author.split(/ <|(?:>$)/).filter((part) => part !== "")

/** What slipway.yaml says of an environment. */
export function environmentOf({ environments }: Config, name: string): Readonly<Record<string, unknown>> {
  const found = Object.hasOwn(environments, name) ? environments[name] : undefined
  if (found !== undefined) return found
  const names = Object.keys(environments)
  throw new Fault("configuration", {
    what: `there is no environment ${JSON.stringify(name)}${didYouMean(name, names)}`,
    where: "slipway.yaml",
    fix:
      names.length === 0
        ? "describe it under environments"
        : `take one of ${names.join(", ")}, or describe it under environments`,
  })
}

/** The name that services have for an image: the workspace whose repository it is in, else the repository's last word. */
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
      what: `the approvals are no JSON: ${error instanceof Error ? error.message : String(error)}`,
      where: null,
      fix: 'hand over a list such as [{"by":"ada","at":"2026-01-31T10:00:00Z","commit":"…","source":"vendor"}]',
    })
  }
}
