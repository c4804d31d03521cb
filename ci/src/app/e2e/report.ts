import * as z from "zod/mini"
import type { TestCase } from "../../run/result.js"

/**
 * Playwright's JSON report, as far as it counts here.
 *
 * @see https://playwright.dev/docs/api/class-testreporter
 */
const attempt = () =>
  z.object({
    status: z._default(z.string(), "skipped"),
    duration: z.number(),
    error: z.optional(z.object({ message: z.optional(z.string()), stack: z.optional(z.string()) })),
    attachments: z._default(z.array(z.object({ name: z.string(), path: z.optional(z.string()) })), []),
  })

const spec = () =>
  z.object({
    title: z.string(),
    file: z.string(),
    tests: z.array(
      z.object({
        projectName: z._default(z.string(), ""),
        status: z.enum(["expected", "unexpected", "flaky", "skipped"]),
        results: z.array(attempt()),
      }),
    ),
  })

interface Suite {
  readonly title: string
  readonly specs: readonly z.output<ReturnType<typeof spec>>[]
  readonly suites: readonly Suite[]
}

const suite = (): z.ZodMiniType<Suite> =>
  z.object({
    title: z.string(),
    specs: z._default(z.array(spec()), []),
    suites: z._default(z.array(z.lazy(suite)), []),
  })

const report = () =>
  z.object({
    config: z.object({ rootDir: z.string() }),
    suites: z._default(z.array(suite()), []),
    errors: z._default(z.array(z.object({ message: z.optional(z.string()) })), []),
  })

/** What a report says. */
export interface E2eReport {
  readonly tests: readonly TestCase[]
  /** What went wrong outside of any test: a file that does not load. */
  readonly errors: readonly string[]
  /** Absolute paths of what failed attempts left: traces, screenshots. */
  readonly left: readonly string[]
}

const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g")
const plain = (text: string) => text.replace(COLOURS, "")

/**
 * Reads Playwright's JSON report.
 *
 * @param root the folder that paths of tests are to be relative to.
 * @throws Error for what is no such report.
 */
export function readReport(json: string, root: string): E2eReport {
  const { config, suites, errors } = report().parse(JSON.parse(json), { jitless: true })
  const found = suites.flatMap((one) => casesOf(one, [], `${config.rootDir}/`.replace(`${root}/`, "")))
  return {
    tests: found.map(({ test }) => test),
    errors: errors.map(({ message }) => plain(message ?? "an error without a message")),
    left: [...new Set(found.flatMap(({ left }) => left))],
  }
}

interface Case {
  readonly test: TestCase
  readonly left: readonly string[]
}

const VERDICTS = { expected: "passed", flaky: "passed", unexpected: "failed", skipped: "skipped" } as const

function casesOf({ title, specs, suites }: Suite, path: readonly string[], folder: string): readonly Case[] {
  const here = [...path, title]
  const own = specs.flatMap((spec) =>
    spec.tests.map(({ projectName, status, results }): Case => {
      const failed = results.filter((result) => !["passed", "skipped"].includes(result.status))
      const last = failed.at(-1)?.error
      return {
        test: {
          suite: [...(projectName ? [projectName] : []), ...here].join(" › "),
          name: spec.title,
          file: `${folder}${spec.file}`,
          seconds: results.reduce((sum, { duration }) => sum + duration, 0) / 1000,
          verdict: VERDICTS[status],
          message: status === "unexpected" ? plain(last?.stack ?? last?.message ?? "failed") : null,
          ...(status === "flaky" ? { flaky: true } : {}),
        },
        left:
          status === "unexpected" || status === "flaky"
            ? failed.flatMap(({ attachments }) =>
                attachments.flatMap(({ path: file }) => (file ? [file] : [])),
              )
            : [],
      }
    }),
  )
  return [...own, ...suites.flatMap((one) => casesOf(one, here, folder))]
}
