import { type Directory, dag, type File } from "@dagger.io/dagger"
import type { Call } from "../call.js"
import { plural } from "../formats/figures.js"
import { parseJson, recordOf, recordsOf } from "../formats/json.js"
import { Fault } from "../run/fault.js"
import { ROOM } from "./config.js"
import { judgeDrift, readSightings } from "./drift.js"
import { make } from "./plan-command.js"
import { readPlan } from "./plan-json.js"
import { prepared } from "./steps.js"
import { driftMarkdown } from "./summary.js"
import { open } from "./work.js"

/**
 * Looks for what others changed since Terraform applied last. Nothing is written but the lock, while it looks.
 *
 * @param sightings the sightings.json of the last look, or undefined.
 */
export async function drift(
  call: Call,
  environment: string,
  variables: readonly string[],
  sightings: File | undefined,
): Promise<Directory> {
  const before = readSightings(sightings ? await sightings.contents() : null)
  const work = await prepared(await open(call, environment, variables), "drift")
  const { json } = await make(work, "drift", "-refresh-only")
  const now = new Date()
  const { drift: settings } = work.config.terraform
  const found = judgeDrift(readPlan(json).drift, { ...settings, before, now: now.toISOString() })
  const { sightings: seen, ...told } = found
  const summary = {
    schema: 1,
    ...told,
    exitCode: found.outcome === "alert" ? ROOM.causes.drift.code : 0,
    environment,
    at: now.toISOString(),
  }
  return dag
    .directory()
    .withNewFile("sightings.json", `${JSON.stringify(seen, null, 2)}\n`)
    .withNewFile("summary.json", `${JSON.stringify(summary, null, 2)}\n`)
    .withNewFile("summary.md", driftMarkdown(found, now.getTime()))
}

/** @throws {Fault} `drift` where a look at drift came to an alert. */
export async function alert(folder: Directory): Promise<string> {
  const { outcome, drifted } = recordOf(parseJson(await folder.file("summary.json").contents()))
  if (outcome === "none") return "no drift"
  const names = recordsOf(drifted).map(({ address, sightings }) => `  ${address}, seen ${sightings} in a row`)
  if (outcome === "seen") return ["drift, not often enough seen for an alert:", ...names].join("\n")
  const alerts = recordsOf(drifted).filter((one) => one.alert === true).length
  if (outcome !== "alert")
    throw new Fault("configuration", {
      what: "summary.json is not what `infra drift` writes",
      where: null,
      fix: "hand over the whole folder that `infra drift` gave",
    })
  throw new Fault("drift", {
    what: `${plural(alerts, "resource")} drifted:\n${names.join("\n")}`,
    where: null,
    fix: "apply what the configuration says, or write down what is there; what others own belongs under terraform.drift.elsewhere in slipway.yaml",
  })
}
