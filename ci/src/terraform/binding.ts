import * as z from "zod/mini"
import { sha256 } from "../formats/canonical.js"
import { parseJson } from "../formats/json.js"

/** The identity of a state: its lineage and serial. */
const state = z.object({ lineage: z.string(), serial: z.number() })
export type StateId = z.output<typeof state>

/** What a plan was made from and for: it is applied only if all of it is unchanged. */
export const bindingSchema = z.object({
  schema: z.literal(1),
  /** Hash of the commit; null if unknown. */
  commit: z.nullable(z.string()),
  /** The name that --env takes, "" for none. */
  environment: z.string(),
  root: z.string(),
  workspace: z.string(),
  program: z.string(),
  version: z.string(),
  /** `sha256:…` of the lock file of providers, or null where there is none. */
  lockFile: z.nullable(z.string()),
  /** `sha256:…` of the Terraform files of the root module and its modules. */
  source: z.string(),
  /** The state as it was, or null for one that was never written. */
  state: z.nullable(state),
  /** `sha256:…` of the plan as Terraform saved it. */
  plan: z.string(),
  /** Terraform's own: 0 no changes, 2 changes. */
  exitCode: z.union([z.literal(0), z.literal(2)]),
  /** ISO 8601. */
  madeAt: z.string(),
  /** Who started the run, and where it can be seen. */
  actor: z.nullable(z.string()),
  run: z.nullable(z.string()),
})
export type Binding = z.output<typeof bindingSchema>

/** The current values, when a plan is to be applied. */
export type Present = Pick<
  Binding,
  "commit" | "environment" | "root" | "workspace" | "program" | "version" | "lockFile" | "source" | "state"
>

const PARTS: Readonly<Record<Exclude<keyof Present, "state">, string>> = {
  commit: "the commit",
  environment: "the environment",
  root: "the root module",
  workspace: "the workspace",
  program: "the program",
  version: "the program's version",
  lockFile: "the lock file of providers",
  source: "the configuration",
}

/** Returns why a plan is stale; empty if it is not. */
export function stale(binding: Binding, now: Present): readonly string[] {
  const parts = Object.entries(PARTS).flatMap(([name, said]) => {
    const [was, is]: unknown[] = [Reflect.get(binding, name), Reflect.get(now, name)]
    return was === is ? [] : [`${said} was ${shown(was)} and is ${shown(is)}`]
  })
  return [...parts, ...staleState(binding.state, now.state)]
}

function staleState(was: StateId | null, is: StateId | null): readonly string[] {
  if (was?.lineage === is?.lineage && was?.serial === is?.serial) return []
  if (was === null || is === null) return [`the state was ${named(was)} and is ${named(is)}`]
  return was.lineage === is.lineage
    ? [`the state has changed since: serial was ${was.serial} and is ${is.serial}`]
    : ["the state has another lineage"]
}

const named = (id: StateId | null) => (id === null ? "empty" : `serial ${id.serial}`)

function shown(value: unknown): string {
  if (value === null) return "not known"
  return value === "" ? "none" : String(value)
}

/** The name of a state, from what `state pull` prints; null for one that was never written. */
export function readState(text: string): StateId | null {
  const read = state.safeParse(parseJson(text), { jitless: true })
  return read.success && read.data.lineage !== ""
    ? { lineage: read.data.lineage, serial: read.data.serial }
    : null
}

/** Returns the SHA-256 of a text, as `sha256:` and hexadecimal digits. */
export const digestOf = (text: string): string => `sha256:${sha256(text)}`
