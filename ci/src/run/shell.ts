import type { Container } from "@dagger.io/dagger"
import { didYouMean } from "../config/suggest.js"
import { type CommandStep, FOLDER, inQuotes, LOG_FILE } from "./command.js"
import { Fault } from "./fault.js"
import type { Pipeline } from "./pipeline.js"
import type { StageRecord } from "./result.js"
import { meantBy } from "./schedule.js"
import type { Done, Stage } from "./stage.js"

/** Runs a stage's command again, in a shell in its container. */
const AGAIN = `${FOLDER}/again`
/** What the shell starts with. */
const SHELL = `${FOLDER}/shell`

/**
 * Returns the one stage that a name means.
 *
 * @throws {Fault} `configuration` for a name of no stage, of one that is left out, or of several.
 */
export function stageCalled(name: string, { stages, left }: Pick<Pipeline, "stages" | "left">): Stage {
  const [stage, ...others] = meantBy(name, stages)
  if (stage && others.length === 0) return stage
  const names = (stage ? [stage, ...others] : stages).map((one) => one.name)
  const reason = left.find(({ kind }) => kind === name)?.reason
  const unknown = reason ? `does not run: ${reason}` : `is not a stage${didYouMean(name, names)}`
  throw new Fault("configuration", {
    what: `${name} ${stage ? "means several stages" : unknown}`,
    where: "--stage",
    fix: `name one of ${names.join(", ")}`,
  })
}

/**
 * Returns the container in which a stage's command failed, or else that of its last one. Its terminal says what ran
 * there, starts what stays beside the steps, and opens the best shell of the image.
 *
 * @throws {Fault} `configuration` for a stage that ran no command.
 */
export function shellOf(stage: StageRecord, commands: readonly Done[]): Container {
  const done = commands.find(({ ran }) => ran.failed !== null) ?? commands.at(-1)
  if (done === undefined)
    throw new Fault("configuration", {
      what: `${stage.name} ran no command in a container: ${stage.summary}`,
      where: "--stage",
      fix: stage.verdict === "skipped" ? "open a shell in the stage that it needs" : "name another stage",
    })
  return done.ran.container
    .withNewFile(AGAIN, again(done.steps), { permissions: 0o755 })
    .withNewFile(SHELL, shell(stage, done))
    .withDefaultTerminalCmd(["sh", SHELL])
}

const stays = (step: CommandStep): boolean => step.stays === true

/** A script that runs the steps in their order, up to the first that fails. */
const again = (steps: readonly CommandStep[]): string =>
  [
    "#!/bin/sh",
    "set -e",
    ...steps
      .filter((step) => !stays(step))
      .map(({ run }) => `echo '$' ${inQuotes(run)}; sh -c ${inQuotes(run)}`),
    "",
  ].join("\n")

/** A script that starts what stays, greets, and becomes a shell. */
const shell = (stage: StageRecord, done: Done): string =>
  [
    ...done.steps.filter(stays).map(({ run }) => run),
    `echo ${inQuotes(greeting(stage, done))}`,
    'exec "$(command -v bash || echo sh)"',
    "",
  ].join("\n")

/** What a shell says first: how the stage went, by which commands, and how to run them again. */
export function greeting(
  { name, verdict, summary }: Pick<StageRecord, "name" | "verdict" | "summary">,
  { steps, ran }: { readonly steps: readonly CommandStep[]; readonly ran: Pick<Done["ran"], "steps"> },
): string {
  const hidden = steps.filter(stays).map((step) => step.name)
  const shown = ran.steps.filter((step) => !hidden.includes(step.name))
  const width = Math.max(...shown.map((step) => step.name.length))
  return [
    `${name} ${verdict}: ${summary}`,
    ...shown.map((step) => `  ${step.name.padEnd(width)}  exit code ${step.exitCode}  ${step.command}`),
    `Run it again: ${AGAIN}. Its log: ${LOG_FILE}. Leave: exit.`,
  ].join("\n")
}
