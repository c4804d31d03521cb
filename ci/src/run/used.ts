import { canonicalDigest, type Json } from "../formats/canonical.js"
import type { RunContext } from "./context.js"
import type { SecretName, Secrets } from "./request.js"
import type { RunRecord } from "./result.js"

/** What a stage used beside its files. Its result holds only while all of that is the same. */
export interface Used {
  /** What it read of the call: `base`, `context.base`, `secrets.snykToken`. */
  readonly reads: Set<string>
  /** References of the images that it ran on. */
  readonly images: Set<string>
  /** Names of the stages whose containers it got. */
  readonly stages: Set<string>
}

/** A new record of what a run used, which the run fills. */
export const usedNothing = (): Used => ({ reads: new Set(), images: new Set(), stages: new Set() })

/** Wraps an object. Calls `onRead` for each field that is read, also by a spread. */
export const noticed = <T extends object>(value: T, onRead: (field: string) => void): T =>
  new Proxy(value, {
    get(target, field, receiver) {
      if (typeof field === "string") onRead(field)
      return Reflect.get(target, field, receiver)
    },
  })

/** The part of a call that stages can read. */
export interface Readable {
  readonly context: RunContext
  readonly base: RunRecord | null
  readonly secrets: Secrets
  readonly variables: Readonly<Record<string, unknown>>
  readonly shards: { readonly count: number; readonly only: number | null } | null
}

/** Returns the value that a call has for each name in {@link Used.reads}. Of a secret, only its presence counts. */
const VALUES: Readonly<Record<string, (call: Readable, field: string) => Json | null>> = {
  base: ({ base }) => (base === null ? null : canonicalDigest(base)),
  // A commit names all that is in its history.
  history: ({ context }) => context.commit,
  variables: ({ variables }) => Object.keys(variables).sort(),
  shards: ({ shards }) => (shards === null ? null : [shards.count, shards.only]),
  context: ({ context }, field) => fieldOf(context, field),
  secrets: ({ secrets }, field) => isSecret(secrets, field) && secrets[field] !== undefined,
}

const isSecret = (secrets: Secrets, field: string): field is SecretName => Object.hasOwn(secrets, field)

function fieldOf(context: RunContext, field: string): Json | null {
  const value: unknown = Object.entries(context).find(([name]) => name === field)?.[1]
  if (typeof value === "string" || typeof value === "number") return value
  return Array.isArray(value) ? value.map(String) : null
}

/**
 * Returns the values that a call has for what a stage read. Null if one is unknown, and so never the same: a history
 * without its commit, or a name that only another version of Slipway knows.
 */
export function valuesOf(reads: Iterable<string>, call: Readable): Readonly<Record<string, Json>> | null {
  const words = [...reads].sort()
  const known = words.every((word) => Object.hasOwn(VALUES, group(word)))
  if (!known || (words.includes("history") && call.context.commit === null)) return null
  return Object.fromEntries(words.map((word) => [word, fromCall(word, call)]))
}

const group = (word: string): string => word.split(".")[0] ?? ""

const fromCall = (word: string, call: Readable): Json =>
  VALUES[group(word)]?.(call, word.slice(group(word).length + 1)) ?? null
