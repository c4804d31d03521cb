import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { capacityTable } from "../../bench/capacity.js"
import type { KindGate } from "../../ci/src/config/room.js"
import { CAUSES, GATES, STAGES } from "../../ci/src/settings.js"
import type { Vendor } from "../../ci/src/vendors/vendor.js"
import { VENDORS } from "../../ci/src/vendors/vendors.js"
import { FAULT_CODES } from "../../cli/fault.js"
import { FAMILIES, RECIPES, type Recipe } from "../../engine/recipes/index.js"
import { OUTCOMES, WAITS_FOR_ANSWER } from "../../modules/deploy/program/core/outcome.js"
import { MACHINES } from "../engine/vendor-machines.js"
import { withPart } from "../pages.js"
import { PROOFS } from "../rare/wrappers/proofs.js"

/** Tables of docs/ that are made from the source. `npm run generate` writes them. */
const TABLES = {
  "configuration.md": {
    stages: ["| stage | what it checks |", "|---|---|", ...rows(STAGES)],
  },
  "verdicts.md": {
    gates: ["| stage | its gate | and |", "|---|---|---|", ...gateRows()],
    causes: codes("a run's cause", Object.entries(CAUSES)),
    outcomes: codes("how a deployment ended", [
      ...Object.entries(OUTCOMES).map(
        ([name, { exitCode, meaning }]) => [name, { code: exitCode, meaning }] as const,
      ),
      [
        "waiting",
        {
          code: WAITS_FOR_ANSWER,
          meaning: "someone must answer: run again with `--answer continue` or `--answer rollback`",
        },
      ],
    ]),
    faults: codes("a fault of the machine", Object.entries(FAULT_CODES)),
  },
  "vendors.md": {
    vendors: [
      "| vendor | files | syntax checked by | run in tests by | machines |",
      "|---|---|---|---|---|",
      ...VENDORS.map(vendorRow),
    ],
  },
  "scale.md": { capacity: capacityTable() },
  "embedded-engine.md": {
    images: [
      "| image | made from | takes about | purpose |",
      "|---|---|---|---|",
      ...RECIPES.map((recipe) => recipeRow(recipe)),
      ...FAMILIES.map(({ like, purpose, shown }) => recipeRow({ ...like, purpose }, shown)),
    ],
  },
} as const

function recipeRow(recipe: Recipe, shown = recipe.tag): string {
  const { name, seconds, onDemand, purpose } = recipe
  const about = seconds < 60 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
  return `| \`${name}:${shown}\` | ${sourceOf(recipe)} | ${about}${onDemand ? ", on demand" : ""} | ${purpose} |`
}

function sourceOf({ standIn }: Recipe): string {
  const sources = {
    go: "a Go module",
    host: "this machine",
    maven: "Maven Central",
    pip: "PyPI",
    npm: "npm",
    node: "npm",
    python: "a Go module",
  }
  const source = Object.entries(sources).find(([field]) => field in standIn)?.[1]
  return source ?? (standIn.from === "node" && !standIn.apt ? "npm" : "Debian")
}

/** A row of the vendors: the tests are made of the same data. */
function vendorRow({ name, wrapper, shards }: Vendor): string {
  const target = { name: "production", after: "check", gates: ["production-approval-1"] }
  const reached = { targets: [target], environments: ["production"] }
  const work = { mark: "", branch: "main", shards: 1, ...reached, notifies: true, results: [] }
  const files = Object.keys(wrapper(work)).map((file) => `\`${file}\``)
  const { schema, linters = [], runner } = PROOFS[name] ?? {}
  const checks = [...(schema ? ["its schema"] : []), ...linters]
  const runs = [`\`${MACHINES[name]?.shell.join(" ")}\``, ...(runner ? [runner] : [])]
  const machines = shards ? "several" : "one"
  return `| \`${name}\` | ${files.join(", ")} | ${checks.join(", ")} | ${runs.join(", ")} | ${machines} |`
}

type ExitCode = { readonly code: number; readonly meaning: string }

function codes(
  title: string,
  entries: readonly (readonly [name: string, code: ExitCode])[],
): readonly string[] {
  const sorted = entries.toSorted(([, a], [, b]) => a.code - b.code)
  return [
    `| code | ${title} | its name |`,
    "|---|---|---|",
    ...sorted.map(([name, { code, meaning }]) => `| ${code} | ${meaning} | \`${name}\` |`),
  ]
}

function rows(entries: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(entries).map(([name, text]) => `| \`${name}\` | ${text.replace(/\.$/, "")} |`)
}

/** Each kind of stage with its gate, and what makes it another. */
function gateRows(): readonly string[] {
  return Object.keys(STAGES).map((kind) => {
    const { gate, ownBy = [], note = "" }: KindGate = GATES[kind] ?? { gate: "own" }
    const keys = ownBy.map((key) => `\`${key}\``).join(", ")
    const own = keys === "" ? "" : `own where slipway.yaml sets ${keys}`
    return `| \`${kind}\` | ${gate} | ${[own, note].filter(Boolean).join("; ")} |`
  })
}

describe("the tables of the docs", () => {
  test.each(Object.entries(TABLES))("are those of the source: %s", async (file, tables) => {
    const path = fileURLToPath(new URL(`../../docs/${file}`, import.meta.url))
    const page = Object.entries(tables).reduce(
      (text, [name, lines]) => withPart(text, `table: ${name}`, lines),
      readFileSync(path, "utf8"),
    )
    await expect(page).toMatchFileSnapshot(path)
  })
})

test("gives each cause and each fault of the machine its own exit code", () => {
  const codes = [CAUSES, FAULT_CODES].flatMap((table) => Object.values(table)).map(({ code }) => code)
  expect(new Set(codes).size).toBe(codes.length)
})
