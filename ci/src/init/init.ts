import type { Config, ConfigReader } from "../config/config.js"
import type { KindGate } from "../config/room.js"
import { satisfies } from "../formats/terraform-constraint.js"
import type { Tree } from "../project/project.js"
import { STRICT_LIMITS } from "../run/config.js"
import { gateOf } from "../run/gate.js"
import type { Pipeline } from "../run/pipeline.js"
import { customApart } from "./custom.js"
import { dockerSettings, nodeSettings, serviceSettings } from "./detected.js"
import { NOT_TAKEN, SEVERITIES, type Setting } from "./outcome.js"
import { stepsOf } from "./steps.js"
import { type LeftStep, takeOver } from "./takeover.js"
import { settingsText } from "./yaml.js"

type Plan = Pick<Pipeline, "repository" | "project" | "stages" | "left">

/** What `init` works with. */
export interface Initial {
  readonly tree: Tree
  readonly strict: boolean
  readonly reader: ConfigReader<Config>
  readonly gates: Readonly<Record<string, KindGate>>
  /** Works out the plan of the repository with a configuration. */
  readonly plan: (config: Config) => Promise<Plan>
}

const HEAD = `# Written by \`slipway init\` from what this repository says already. All else is detected: \`slipway plan\` shows it.
`

/** What `--strict` writes. */
const STRICT: readonly Setting[] = [
  { path: ["policy"], value: "strict", from: "--strict: every gate blocks" },
  ...Object.entries(STRICT_LIMITS).map(([name, value]) => ({
    path: ["limits", name],
    value,
    from: "--strict: warns from four fifths of it",
  })),
]

/** Writes a slipway.yaml for a repository from all that detection finds and its CI does. */
export async function initText({ tree, strict, reader, gates, plan }: Initial): Promise<string> {
  const usual = await plan(reader.defaultConfig())
  const docker = dockerSettings(usual.repository)
  // Tests with a daemon get other services.
  const found = docker.length === 0 ? usual : await plan(reader.parseConfig(settingsText(docker)))
  const ofCi = takeOver(await stepsOf(tree), found)
  const services = serviceSettings(found.stages)
  const fixed = [...(strict ? STRICT : []), ...nodeSettings(found.repository), ...docker]
  const settings = [...fixed, ...(await withoutOutranked(tree, merged(customApart(ofCi.settings))))]
  const same = await samePlan(settings, services.settings, reader, plan)
  const apart = same ? [] : services.settings.map(({ path, from }) => `${path[1]}, from ${from}: ${APART}`)
  const text = settingsText(ordered(same ? [...settings, ...services.settings] : settings))
  const { written } = reader.parseConfig(text)
  const weaker = strict ? [] : ofCi.covered.filter((kind) => gateOf({ kind }, gates, written) === "added")
  return [
    HEAD,
    text,
    ...commentsOf("# Services that are read from their files each time:", [...services.left, ...apart]),
    ...commentsOf(WEAKER, weaker.length === 0 ? [] : [weaker.join(", ")]),
    ...commentsOf(NOT_TAKEN, ofCi.left.map(leftText)),
  ]
    .filter(Boolean)
    .join("\n")
}

const APART = "as a service of slipway.yaml, other tests would get it too"

const WEAKER =
  "# Fails a job of the CI; here it reports, and blocks for what is new. `policy: strict` makes it block:"

const leftText = ({ place, why }: LeftStep): string => `${place}: ${why}`

const commentsOf = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0
    ? []
    : [[title, ...lines.map((line) => `#   ${line.replaceAll("\n", " ")}`), ""].join("\n")]

/** True where the plan with services in slipway.yaml is the same as without, but for the file that they are from. */
async function samePlan(
  settings: readonly Setting[],
  services: readonly Setting[],
  reader: ConfigReader<Config>,
  plan: Initial["plan"],
): Promise<boolean> {
  if (services.length === 0) return true
  const linesWith = async (some: readonly Setting[]) =>
    linesOf(await plan(reader.parseConfig(settingsText(some))))
  const [without, withThem] = await Promise.all([linesWith(settings), linesWith([...settings, ...services])])
  return without === withThem
}

const linesOf = ({ stages }: Plan): string =>
  stages
    .map(({ name, because, needs }) => [name, because.replace(/, from [^,]+/g, ""), ...needs].join(" "))
    .join("\n")

/** Leaves out the CI's Terraform where the configuration itself names that version already, or would refuse it. */
async function withoutOutranked(tree: Tree, settings: readonly Setting[]): Promise<readonly Setting[]> {
  const isVersion = ({ path }: Setting) => path.join(".") === "terraform.version"
  if (!settings.some(isVersion)) return settings
  const textsOf = (ending: string) =>
    Promise.all(tree.files.filter((file) => file.endsWith(ending)).map((file) => tree.read(file)))
  const [sources, files] = await Promise.all([textsOf(".tf"), textsOf(".terraform-version")])
  const required = sources.flatMap(
    (text) => /^\s*required_version\s*=\s*"([^"]*)"/m.exec(text)?.slice(1) ?? [],
  )
  const refused = (version: string) => required.some((one) => !satisfies(version, one))
  const known = (version: string) => files.length > 0 && files.every((text) => text.trim() === version)
  return settings.filter(
    (one) => !isVersion(one) || !(refused(String(one.value)) || known(String(one.value))),
  )
}

/** The sections in the order in which people read them. */
const ORDER = [
  "policy",
  "limits",
  "node",
  "services",
  "tests",
  "build",
  "stages",
  "coverage",
  "security",
  "terraform",
  "custom",
]

const ordered = (settings: readonly Setting[]): readonly Setting[] =>
  settings.toSorted((a, b) => ORDER.indexOf(a.path[0] ?? "") - ORDER.indexOf(b.path[0] ?? ""))

/** Puts the settings of one key together: all scanners, the least severity, the most coverage. */
function merged(settings: readonly Setting[]): readonly Setting[] {
  const keys = [...new Set(settings.map(({ path }) => path.join(".")))]
  return keys.flatMap((key) => {
    const own = settings.filter(({ path }) => path.join(".") === key)
    const [first] = own
    if (first === undefined) return []
    const values = own.map(({ value }) => value)
    const lists = values.filter((value) => Array.isArray(value))
    const from = [...new Set(own.map((one) => one.from))].join(", ")
    const together = lists.length === own.length && first.path[0] === "security"
    return [{ ...first, from, value: together ? [...new Set(lists.flat())] : strictest(values) }]
  })
}

function strictest(values: readonly unknown[]): unknown {
  const severities = SEVERITIES.filter((one) => values.includes(one))
  const numbers = values.filter((value) => typeof value === "number")
  return severities[0] ?? (numbers.length > 0 ? Math.max(...numbers) : values[0])
}
