/** Reads scenarios: built-in ones and files of users. */
import { readdirSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import {
  aFlag,
  aNumber,
  aText,
  type Check,
  type Checks,
  fields,
  listOf,
  oneOf,
  orNull,
  recordOf,
  shape,
} from "./check.ts"
import {
  type Alarm,
  type Failure,
  type Happening,
  type HttpFailure,
  type Scenario,
  type ScenarioEvent,
  type StopDeployment,
  SUCCESS,
  TRIGGERS,
} from "./scenario.ts"

const FAILURE: Failure = { how: "crash", after: 3, exitCode: 1, services: null, deployments: null, log: [] }

const failure = shape(FAILURE, {
  how: oneOf(["crash", "image", "placement", "health"]),
  after: aNumber,
  exitCode: aNumber,
  services: orNull(listOf(aText)),
  deployments: orNull(aNumber),
  log: listOf(aText),
})

const KINDS: { readonly [K in Happening["kind"]]: Check<Extract<Happening, { kind: K }>> } = {
  "newer-deployment": shape({ kind: "newer-deployment" }, { kind: oneOf(["newer-deployment"]) }),
  "expire-credentials": shape({ kind: "expire-credentials" }, { kind: oneOf(["expire-credentials"]) }),
  "stop-deployment": shape<StopDeployment>(
    { kind: "stop-deployment", stopType: "ROLLBACK" },
    { kind: oneOf(["stop-deployment"]), stopType: oneOf(["ROLLBACK", "ABORT"]) },
  ),
  alarm: shape<Alarm>(
    { kind: "alarm", alarm: "*", state: "ALARM" },
    { kind: oneOf(["alarm"]), alarm: aText, state: oneOf(["OK", "ALARM", "INSUFFICIENT_DATA"]) },
  ),
}

const happening: Check<Happening> = (value, at) => {
  const kind = oneOf(["newer-deployment", "expire-credentials", "stop-deployment", "alarm"])
  return KINDS[kind(fields(value, at).kind, `${at}.kind`)](value, at)
}

const EVENT: ScenarioEvent = { on: "rollout", after: 0, service: null, does: { kind: "newer-deployment" } }

const event = shape(EVENT, {
  on: oneOf(TRIGGERS),
  after: aNumber,
  service: orNull(aText),
  does: happening,
})

const CHECKS: Checks<Scenario> = {
  title: aText,
  whatHappens: aText,
  clock: shape(SUCCESS.clock, { start: orNull(aText), factor: orNull(aNumber) }),
  seconds: shape(SUCCESS.seconds, {
    provision: aNumber,
    pull: aNumber,
    start: aNumber,
    healthy: aNumber,
    stop: aNumber,
    retry: aNumber,
    drain: orNull(aNumber),
    stage: aNumber,
  }),
  failure: orNull(failure),
  rollback: oneOf(["succeeds", "fails"]),
  deploymentConfiguration: fields,
  http: orNull(
    shape<HttpFailure>({ status: 500, services: null }, { status: aNumber, services: orNull(listOf(aText)) }),
  ),
  runTask: shape(SUCCESS.runTask, {
    seconds: aNumber,
    exitCodes: recordOf(aNumber),
    placement: oneOf(["placed", "refused", "stuck"]),
    hangs: aFlag,
    seen: aFlag,
    log: listOf(aText),
    exec: orNull(shape({ folder: "." }, { folder: aText })),
  }),
  snapshot: shape(SUCCESS.snapshot, { seconds: aNumber, fails: aFlag, busy: aNumber }),
  events: listOf(event),
  metrics: recordOf(orNull(aNumber)),
  canaryMetrics: recordOf(orNull(aNumber)),
  visibleAfter: aNumber,
  throttleOneIn: aNumber,
  conflictOneIn: aNumber,
  oddOneIn: aNumber,
  denied: listOf(aText),
  callerAccount: orNull(aText),
  missingImages: listOf(aText),
  deployedBefore: aFlag,
}

const check = shape(SUCCESS, CHECKS)

/** Key of `whatHappens` in files. */
const WHAT = "what happens"

/**
 * Parses a scenario.
 *
 * @param name name of the file, for messages.
 * @throws Error with the wrong key and its allowed values.
 */
export function parseScenario(source: string, name: string): Scenario {
  try {
    const { [WHAT]: whatHappens, ...settings } = fields(JSON.parse(source), "the file")
    return check({ ...settings, whatHappens: whatHappens ?? "" }, "")
  } catch (error) {
    throw new Error(`scenario ${name}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const BUILT_IN = fileURLToPath(new URL("scenarios", import.meta.url))

/** Returns the names of the built-in scenarios. */
export const scenarioNames = (folder = BUILT_IN): readonly string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => basename(file, ".json"))
    .toSorted()

/**
 * Returns a scenario by its built-in name, by the path of a file, or from JSON.
 *
 * @throws Error with the built-in names for an unknown scenario.
 */
export function readScenario(source: string, folder = BUILT_IN): Scenario {
  if (source.trimStart().startsWith("{")) return parseScenario(source, "as JSON")
  const names = scenarioNames(folder)
  if (names.includes(source))
    return parseScenario(readFileSync(join(folder, `${source}.json`), "utf8"), source)
  if (source.endsWith(".json")) return parseScenario(readFileSync(source, "utf8"), source)
  throw new Error(`unknown scenario ${source}: use ${names.join(", ")}, or the path of a .json file`)
}
