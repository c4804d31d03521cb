import { anyOf } from "../../formats/pattern.js"
import type { Project, Workspace } from "../project.js"
import type { TestSetup } from "./found.js"
import { callsIn, DOCKER, STARTERS } from "./scripts.js"

/** Matches files that test runners run before all tests. */
export const TEST_SETUP = /(?:^|\/)[\w.-]*global[-_.]?setup[\w.-]*\.[cm]?[jt]sx?$/i

/** Asks whether something already listens on a port. */
const ASKS = anyOf(
  [
    /\bis-?port-?(?:reachable|open|taken|used|in-?use)\b/,
    /\b(?:is-?reachable|tcp-?port-?used|detect-?port)\b/,
  ],
  "i",
)

/** Tells whether a setup starts services only if nothing listens there yet. */
export const isConditional = ({ text }: TestSetup): boolean =>
  ASKS.test(text) && (DOCKER.test(text) || STARTERS.some((name) => text.includes(name)))

/**
 * Returns the scripts of a package that its test setup runs beside starting services, in their order. Where Slipway
 * provides the services, that setup does nothing, so the scripts must run before the tests.
 */
export function scriptsOfSetup({ declared, workspaces }: Project, workspace: Workspace): readonly string[] {
  const isOwn = ({ file }: TestSetup) =>
    isInside(file, workspace) &&
    !workspaces.some((other) => other.path.length > workspace.path.length && isInside(file, other))
  return declared.setups.filter(isOwn).flatMap(({ text }) => callsIn(text, Object.keys(workspace.scripts)))
}

const isInside = (file: string, { path }: Workspace): boolean => path === "" || file.startsWith(`${path}/`)
