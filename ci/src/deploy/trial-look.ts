import { type Container, dag } from "@dagger.io/dagger"
import type { App } from "../app/describe.js"
import { lookAt, ORIGIN, OWN_NODE, TOOLS } from "../app/running.js"
import { plural } from "../formats/figures.js"
import { quote } from "../run/command.js"
import { NODE } from "../run/images.js"
import { NO_WORK } from "../run/outcome.js"
import type { Given, StageResult } from "../run/stage.js"
import type { Trial } from "./client.js"
import { checksOf, ownError, withLogs, wrongText } from "./trial-text.js"

/** What is looked at: the live release. */
export interface Looking {
  readonly app: App
  /** Its images, by the name of their Dockerfile. */
  readonly images: ReadonlyMap<string, Container>
  readonly trial: Pick<Trial, "checks">
}

/** The part of an outcome that a command leaves. */
type Left = Pick<StageResult, "steps" | "log">

/** Returns the result of a live release that does not work. */
export const incompatible = ({ steps, log }: Left, summary: string): StageResult => ({
  ...NO_WORK,
  steps,
  log,
  verdict: "failed",
  cause: "incompatible",
  summary,
})

const SCRIPT = `${TOOLS}/answers.ts`

/**
 * Starts the live release anew, and asks the checks that it was proven with.
 *
 * @param again distinguishes this start from others.
 */
export async function look(
  given: Given,
  { app, images, trial }: Looking,
  again: string,
): Promise<StageResult> {
  const anew = (container: Container) => container.withEnvVariable("SLIPWAY_TRIAL", again)
  const checks = quote(JSON.stringify(checksOf(trial, ORIGIN)))
  const looked = await lookAt(given, app, {
    container: anew(given.image(NODE)),
    steps: [{ name: "checks", run: `${OWN_NODE} ${SCRIPT} ${checks}`, timeout: 600 }],
    scheme: "https",
    built: ({ name }) => anew(images.get(name) ?? dag.container()),
  })
  if (!looked.up) {
    const { result } = looked
    if (result.verdict !== "failed") return result
    return incompatible(result, [ownError(result.log.text), result.summary].filter(Boolean).join("; "))
  }
  const { ran } = looked
  if (ran.failed) {
    const found = Object.entries(looked.logs).map(
      async ([name, log]) => [name, await log.contents()] as const,
    )
    const logs = Object.fromEntries(await Promise.all(found))
    const log = withLogs(ran.log.text, logs)
    return incompatible({ steps: ran.steps, log }, wrongText(logs, ran.log.text))
  }
  return {
    ...NO_WORK,
    steps: ran.steps,
    log: ran.log,
    verdict: "passed",
    cause: null,
    summary: `${plural(app.services.length, "service")} up, ${plural(trial.checks.length, "check")} passed`,
  }
}
