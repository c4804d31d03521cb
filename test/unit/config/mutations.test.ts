import * as fs from "node:fs"
import { describe, expect, test } from "vitest"
import { Fault } from "../../../ci/src/run/fault.js"
import { parseConfig } from "../../../ci/src/settings.js"
import { sample } from "../testdata.js"

/** What people leave behind, and what a YAML parser trips over. */
const SNIPPETS = [
  ..."\t:-[]{}&*!|>'\"#%@`?,\n\\\uFEFF\0",
  "<<: text\n",
  "<<: [1]\n",
  "<<: *slow\n",
  "&a [*a]",
  "*nothing",
  "!!binary x",
  "!name",
  "---\n",
  "...\n",
  "%YAML 9.9\n",
  "? [a]\n: 1\n",
  "__proto__: 1\n",
  "null",
  "1e999",
]

/** Numbers from 0 to below 1, the same ones each time (mulberry32). */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    yield ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const splice = (text: string, at: number, length: number, put = "") =>
  text.slice(0, at) + put + text.slice(at + length)

function mutate(text: string, seed: number): string {
  const random = numbers(seed)
  const below = (limit: number) => Math.floor(random.next().value * limit)
  const snippet = SNIPPETS[below(SNIPPETS.length)] ?? ""
  const lines = text.split("\n")
  const line = below(lines.length)
  const mutations = [
    () => splice(text, below(text.length), 0, snippet),
    () => splice(text, below(text.length), 1 + below(6), snippet),
    () => splice(text, below(text.length), 1 + below(20)),
    () => text.slice(0, below(text.length)),
    () => lines.toSpliced(line, 1).join("\n"),
    () => lines.toSpliced(below(lines.length), 0, lines[line] ?? "").join("\n"),
    () => lines.with(line, (/^ */.exec(lines[line] ?? "")?.[0] ?? "") + snippet).join("\n"),
    () => lines.with(line, ` ${lines[line]}`).join("\n"),
  ]
  return mutations[below(mutations.length)]?.() ?? text
}

/** What a text comes to: nothing where it is read or refused with a place, else the error. */
function surprise(text: string): unknown {
  try {
    parseConfig(text)
    return null
  } catch (error) {
    const placed = error instanceof Fault && /^slipway\.yaml:\d+:\d+: /m.test(error.message)
    return placed && error.code === "configuration" ? null : { text, error }
  }
}

describe("a mutated slipway.yaml", () => {
  test.each([
    [
      "of the example app",
      fs.readFileSync(new URL("../../../examples/medflow/slipway.yaml", import.meta.url), "utf8"),
    ],
    ["with every kind of value", sample("config/rich.yaml")],
  ])("%s is read, or refused with line and column", { timeout: 60_000 }, (_which, text) => {
    expect(surprise(text)).toBeNull()
    expect(
      Array.from({ length: 150 }, (_, seed) => surprise(mutate(text, seed))).filter((one) => one !== null),
    ).toEqual([])
  })
})
