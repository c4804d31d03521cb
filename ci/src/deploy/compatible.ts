import { conclude, ended, runThese } from "../finish.js"
import { detectIn } from "../project/repository.js"
import type { Request } from "../run/request.js"
import type { StageRecord } from "../run/result.js"
import type { Result } from "./client.js"
import type { Checkout } from "./deploy.js"
import { askDeployer, checkoutOf, type DeployOptions, imagesToPromote } from "./functions.js"
import { environmentOf, type KeptTrial, migrationImage } from "./request.js"
import { trialStage } from "./trial.js"

/**
 * Tries the live release of an environment on the schema that the images' migration makes, and keeps the result where
 * a deployment looks for it.
 *
 * @param from the environment whose live images are tried instead of those of the options; "": none.
 */
export async function compatible(caller: Request, options: DeployOptions, from = ""): Promise<string> {
  const checkout = await checkoutOf(caller, options)
  const { config } = checkout.opened
  if (from === "") return tried(caller, checkout, options)
  const found = await imagesToPromote(caller, checkout, from)
  return "images" in found
    ? tried(caller, checkout, { ...options, images: found.images })
    : ended(found.exitCode, found.text, config.images)
}

async function tried(caller: Request, checkout: Checkout, options: DeployOptions): Promise<string> {
  const { config, source, access } = checkout.opened
  const ask = (trial: KeptTrial | null): Promise<Result> =>
    askDeployer(caller, checkout, { ...options, trial })
  const asked = await ask(null)
  const { trial } = asked
  if (asked.exitCode !== 0 || trial === null) return ended(asked.exitCode, asked.text, config.images)
  const { whole: project } = await detectIn(checkout.opened)
  const image = migrationImage(environmentOf(config, options.env))
  const stage = trialStage(project, { trial, image, access })
  const ran = await runThese(caller, { project, source }, [stage], true)
  const verdict = verdictOf(ran.record.stages.find(({ name }) => name === stage.name))
  if (verdict === null) return conclude(ran)
  const kept = await ask({ subject: trial.subject, ...verdict })
  return kept.exitCode === 0 ? conclude(ran) : ended(kept.exitCode, kept.text, config.images)
}

/** Returns what is kept of a trial; null: it says nothing about the migration. */
export function verdictOf(record: StageRecord | undefined): Omit<KeptTrial, "subject"> | null {
  if (record === undefined) return null
  const { verdict, cause, summary: what } = record
  if (verdict === "passed") return { verdict, what }
  return cause === "incompatible" || cause === "migration" ? { verdict: "failed", what } : null
}
