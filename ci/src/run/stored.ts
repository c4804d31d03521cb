import type { File } from "@dagger.io/dagger"
import * as z from "zod/mini"
import type { Json } from "../formats/canonical.js"
import type { LineHits } from "../formats/coverage-reader.js"
import { partSchemas } from "./result-schema.js"
import type { StageResult } from "./stage.js"

/**
 * The record of one stage that passed. A run elsewhere can use it instead of running the stage. The whole record is
 * signed. Failures and errors have no record.
 */

const text = z.string()
const json = z.custom<Json>((value) => value !== undefined)
const digest = text.check(z.regex(/^(?:sha256:)?[0-9a-f]{64}$/))

/** Returns the schema of line hits as data. */
export const linesSchema = () => z.record(text, z.array(z.tuple([z.int(), z.number()])))

/** Returns the schema; built on demand, as most runs read no record. */
export function storedSchema() {
  const { outcome, origin, image, unchecked } = partSchemas()
  return z.object({
    /** Version of this format. A reader rejects any other. */
    schema: z.literal(1),
    /** The digest of all that decides the result and is known before the run: see `keys.ts`. */
    key: digest,
    stage: text,
    /** Digest of the files that it read. */
    inputs: text,
    origin,
    startedAt: z.nullable(z.number()),
    endedAt: z.nullable(z.number()),
    /** What else must be the same, for it and for the stages before it. */
    conditions: z.object({
      /** Digests of images by their references. */
      images: z.record(text, text),
      /** What it read of the call: see `used.ts`. */
      reads: z.record(text, json),
      /** Milliseconds since the epoch from which on it must run again; null for never. */
      until: z.nullable(z.number()),
    }),
    /** True where stages that need it got a container or files of it. */
    handsOn: z.boolean(),
    outcome: z.extend(outcome, { verdict: z.literal("passed"), cause: z.null() }),
    images: z.array(image),
    unchecked: z.array(unchecked),
    unread: z.array(
      z.object({ file: text, line: z.nullable(z.number()), reason: text, tools: z.array(text) }),
    ),
    incomplete: z.boolean(),
    /** How often tests ran each line, by file. */
    lines: z.nullable(linesSchema()),
    /** Files of the evidence that are text, by path. */
    texts: z.record(text, text),
    /** Digests of the others, by path; the store has their contents. */
    blobs: z.record(text, digest),
  })
}

/** A record as a store has it. */
export type Stored = z.output<ReturnType<typeof storedSchema>>

/** A record that verified, with the files that belong to it. */
export interface Found {
  readonly record: Stored
  /** Contents of {@link Stored.blobs}, by path. */
  readonly blobs: Readonly<Record<string, File>>
}

/** A record that was not used, and why. */
export interface Refused {
  readonly stage: string
  readonly reason: string
}

/** How a store answered. */
export interface Recalled {
  /** By key. */
  readonly found: ReadonlyMap<string, Found>
  readonly refused: readonly Refused[]
  /** Why nothing could be read; null where it could. */
  readonly warning: string | null
}

/** A store of results. A run asks it once, before its stages. */
export interface Memory {
  /** Where it is, as slipway.yaml names it. */
  readonly store: string
  /** @param wanted stages by their keys. */
  recall(wanted: ReadonlyMap<string, string>): Promise<Recalled>
}

/** Returns the result of a stage as it was where it ran. */
export const resultOf = ({ record, blobs }: Found): StageResult => ({
  ...record.outcome,
  cached: true,
  images: record.images,
  files: { ...record.texts, ...blobs },
  unchecked: record.unchecked,
  unread: record.unread,
  incomplete: record.incomplete,
  ...(record.lines === null ? {} : { lineHits: hitsOf(record.lines) }),
})

/** Returns line hits that were data. */
export const hitsOf = (lines: NonNullable<Stored["lines"]>): LineHits =>
  new Map(Object.entries(lines).map(([file, hits]) => [file, new Map(hits)]))

/** Returns line hits as data. */
export const linesOf = (hits: LineHits): NonNullable<Stored["lines"]> =>
  Object.fromEntries([...hits].map(([file, lines]) => [file, [...lines]]))
