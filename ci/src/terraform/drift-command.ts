import { type Directory, dag, type File } from "@dagger.io/dagger"
import { plural } from "../formats/figures.js"
import { parseJson, recordOf, recordsOf } from "../formats/json.js"
import { Fault } from "../run/fault.js"
import type { Request } from "../run/request.js"
import { ROOM } from "./config.js"
import { judgeDrift, readSightings } from "./drift.js"
import { make } from "./plan-command.js"
import { readPlan } from "./plan-json.js"
import { prepared } from "./steps.js"
import { driftMarkdown } from "./summary.js"
import { open } from "./work.js"

/**
 * Detects changes that others made since the last apply. Writes nothing but the lock.
 *
 * @param sightings the sightings.json of the previous run, or undefined.
 */
export async function drift(
  request: Request,
  environment: string,
  variables: readonly string[],
  sightings: File | undefined,
): Promise<Directory> {
  const before = readSightings(sightings ? await sightings.contents() : null)
  const work = await prepared(await open(request, environment, variables), "drift")
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

/** Reports the result of {@link drift}. @throws {Fault} `drift` for an alert. */
export async function alert(folder: Directory): Promise<string> {
  const { outcome, drifted } = recordOf(parseJson(await folder.file("summary.json").contents()))
  if (outcome === "none") return "no drift"
  const names = recordsOf(drifted).map(({ address, sightings }) => `  ${address}, seen ${sightings} in a row`)
  if (outcome === "seen") return ["drift, not yet seen often enough for an alert:", ...names].join("\n")
  const alerts = recordsOf(drifted).filter((one) => one.alert === true).length
  if (outcome !== "alert")
    throw new Fault("configuration", {
      what: "summary.json was not written by `infra drift`",
      where: null,
      fix: "pass the whole folder that `infra drift` exported: `--drift drift/`",
    })
  throw new Fault("drift", {
    what: `${plural(alerts, "resource")} drifted:\n${names.join("\n")}`,
    where: null,
    fix: "apply the configuration, or change it to match the infrastructure; list attributes that others own under terraform.drift.elsewhere in slipway.yaml",
  })
}
