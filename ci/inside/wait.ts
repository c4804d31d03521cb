/**
 * Waits until the services of the app answer; runs in the container of the stage that looks at them.
 *
 *   node wait.ts <JSON: Wait>
 *
 * Exit code 0 when all are up. Otherwise 75, after the end of the log of the one that is not, and a last line that
 * says which and why.
 */
import { lookup } from "node:dns/promises"
import { readFile } from "node:fs/promises"
import { setTimeout as sleep } from "node:timers/promises"
import type { Wait } from "../src/app/keeper.js"

/** Looks, four a second, after which a log is believed: until a service starts, another's with its address may lie there. */
const SURE = 12

const wait: Wait = JSON.parse(process.argv[2] ?? "")
const until = Date.now() + wait.seconds * 1000

type Failure = { readonly cause: "service" | "migration"; readonly why: string; readonly log: string }

async function logOf(name: string): Promise<string> {
  try {
    return await readFile(`${wait.logs}/${(await lookup(name, 4)).address}.log`, "utf8")
  } catch {
    return ""
  }
}

async function up({ name, url, strict }: Wait["services"][number]): Promise<Failure | null> {
  let why = ""
  let over = 0
  while (Date.now() < until) {
    try {
      const { status } = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(5000) })
      if (strict ? status < 300 : status < 500) return null
      why = `${url} answers ${status}`
    } catch (error) {
      why = `${url} does not answer: ${reason(error)}`
    }
    const log = await logOf(name)
    for (const cause of ["migration", "service"] as const) {
      const line = log.split("\n").find((each) => each.startsWith(wait.over[cause]))
      if (line && ++over > SURE) return { cause, why: line.replace("slipway: ", ""), log }
    }
    await sleep(250)
  }
  return { cause: "service", why: `${why}, after ${wait.seconds} s`, log: await logOf(name) }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}

const failures = await Promise.all(
  wait.services.map(async (service) => ({ service, failure: await up(service) })),
)
for (const { service, failure } of failures) {
  if (failure === null) continue
  console.log(failure.log.split("\n").slice(-40).join("\n").trimEnd())
  console.log(`slipway: ${failure.cause}: ${service.name} did not come up: ${failure.why}`)
  process.exitCode = 75
}
