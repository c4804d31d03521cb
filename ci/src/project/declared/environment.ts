import type { Container } from "@dagger.io/dagger"
import { escapeGlob } from "../../formats/glob.js"
import { anyOf, escapeRegExp } from "../../formats/pattern.js"
import { type Given, WORKDIR } from "../../run/stage.js"
import { joinPath } from "../paths.js"
import type { Project } from "../project.js"
import type { Env, FoundService } from "./found.js"
import { type MadeFiles, madeFiles, type Part } from "./made-files.js"
import { commandsOf, jobOfTests, stepsBefore, type TestScript } from "./scripts.js"
import { ENV_EXAMPLES } from "./values.js"

/** What tests find around them beside services. */
export interface Surroundings {
  /** The variables that the team's own CI gives to the script. */
  readonly env: Env
  /** Files that the team's CI makes before the tests, and env files that git ignores, of the example that stands for each. */
  readonly files: MadeFiles
  /** For `plan`. */
  readonly because: readonly string[]
}

/** Variables that belong to the machine. */
const OF_MACHINE = anyOf([
  /^(?:PATH|HOME|SHELL|CI)$/,
  /^(?:RUNNER|GITHUB|ACTIONS|TURBO|NX|CI|GITLAB|FF|GIT|DOCKER|KUBERNETES)_/,
  /_CACHE(?:_DIR|_FOLDER)?$/,
  // Of package managers: which Python uv takes, where npm looks.
  /^(?:UV_(?!THREADPOOL)|PIP_|POETRY_|PDM_|PIPENV_|HATCH_|TOX_|NOX_|YARN_|PNPM_|COREPACK_|npm_config_)/i,
])

/** Returns variables without those that belong to the machine. */
export const ofProject = (env: Env): Env =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !OF_MACHINE.test(name)))

/** Variables that change nothing of what tests do: how output looks, where reports go, which share of the tests runs. */
const BESIDE_TESTS = anyOf([
  /^(?:CI|CONTINUOUS_INTEGRATION|TOXENV|NOX\w*|OS|TERM|COLUMNS|COLORTERM|MOCHA_FILE)$/,
  /^PYTHON(?:UNBUFFERED|DONTWRITEBYTECODE)$/,
  /COLORS?$/,
  /(?:^|_)(?:CODECOV|COVERALLS|COVERAGE|SONAR|JUNIT|REPORT(?:S|ER)?|ARTIFACTS?|CACHE|TELEMETRY|ANALYTICS)(?:_|$)/,
  /(?:^|_)(?:SHARDS?|CHUNKS?|SPLITS?|PARTITIONS?|INDEX|TOTAL)(?:_|$)/,
  /^(?:CODECOV|COVERALLS|COVERAGE|CC_TEST|SONAR|SENTRY|DATADOG|DD|SLACK|NPM|NODE_AUTH|TWINE|PYPI|DOCKERHUB|HUSKY|CYPRESS_RECORD|PERCY|CHROMATIC|GH)(?:_|$)/,
])

/** The memory of a process, which is the machine's. */
const MEMORY = /\s*--max[-_](?:old|semi)[-_]space[-_]size=\d+/g

/** What tests have here in any case. */
const USUAL: Env = { TZ: "UTC", NODE_ENV: "test", NODE_OPTIONS: "" }

/** Returns the variables that can change what tests do, without those whose value they have in any case. */
export const ofTests = (env: Env): Env =>
  Object.fromEntries(
    Object.entries(ofProject(env))
      .map(([name, value]) => [name, value.replace(MEMORY, "").trim()] as const)
      .filter(([name, value]) => !BESIDE_TESTS.test(name) && USUAL[name] !== value),
  )

/**
 * Returns the variables and env files that a test script expects.
 *
 * @param services those that it gets.
 */
export function surroundingsOf(
  project: Project,
  test: TestScript,
  services: readonly FoundService[],
): Surroundings {
  const runs = jobOfTests(project, test)
  const given = runs === null ? inContainer(project, services) : { file: runs.job.file, env: runs.step.env }
  const env = ofProject(given?.env ?? {})
  const made = runs === null ? {} : madeFiles(stepsBefore(runs), project.files)
  const files = { ...envFiles(project, test), ...made }
  return {
    env,
    files,
    because: [
      ...(given && Object.keys(env).length > 0 ? [`variables from ${given.file}`] : []),
      ...Object.entries(files).map(
        ([path, parts]) => `${path} from ${originOf(parts, runs?.job.file ?? "")}`,
      ),
    ],
  }
}

/** Names where a file is from. */
function originOf(parts: readonly Part[], workflow: string): string {
  const copied = parts.flatMap((part) => ("copy" in part ? [part.copy] : []))
  if (parts.length === 0) return "nothing, as the team's workflow does"
  return copied.length === parts.length ? copied.join(" and ") : [...copied, workflow].join(" and ")
}

/** The variables of the team's development container; without those that name a service which is not there. */
function inContainer({ declared }: Project, services: readonly FoundService[]) {
  const [first] = declared.devcontainers
  if (first === undefined) return null
  const absent = (first.compose?.services ?? [])
    .map(({ host }) => host)
    .filter((host) => services.every((one) => ![one.host, ...one.aliases].includes(host)))
  const names = (text: string) => absent.some((host) => new RegExp(`\\b${escapeRegExp(host)}\\b`).test(text))
  const env = Object.fromEntries(Object.entries(first.env).filter(([, value]) => !names(value)))
  return { file: first.file, env }
}

/** Packages that read `.env`. */
const READERS = [
  "dotenv",
  "dotenv-cli",
  "dotenv-flow",
  "dotenv-expand",
  "dotenv-safe",
  "dotenv-extended",
  "dotenv-defaults",
  "dotenv-mono",
  "custom-env",
  "env-cmd",
  "env-schema",
  "@fastify/env",
  "@nestjs/config",
  "@adonisjs/core",
  "prisma",
  "@dotenvx/dotenvx",
  "python-dotenv",
  "django-environ",
  "environs",
  "python-decouple",
  "pydantic-settings",
]

/** Env files that git ignores, which the tests of a package read, of the examples beside them. */
function envFiles({ declared, root, python }: Project, { workspace, script }: TestScript): MadeFiles {
  const packages = [...workspace.dependencies, ...root.dependencies, ...(python?.dependencies ?? [])]
  const reads = READERS.some((name) => packages.includes(name))
  const named = /(?:--env-file(?:-if-exists)?[= ]|-e |\s)\.env(?![\w.])/.test(commandsOf(workspace, script))
  const found = [...new Set([workspace.path, root.path])].flatMap((folder) => {
    const file = joinPath(folder, ".env")
    const example = ENV_EXAMPLES.map((name) => joinPath(folder, name)).find((name) => name in declared.env)
    const isRead = example !== undefined && (reads || named) && !(file in declared.env)
    return isRead ? [[file, [{ copy: example }]] as const] : []
  })
  return Object.fromEntries(found)
}

/** Patterns of the files of which others are made. */
export const envSources = ({ files }: Surroundings): readonly string[] =>
  Object.values(files)
    .flat()
    .flatMap((part) => ("copy" in part ? [escapeGlob(part.copy)] : []))

/** Puts the files that the team's CI makes where the tests look for them. */
export async function withEnvFiles(
  { source }: Pick<Given, "source">,
  container: Container,
  { files }: Surroundings,
): Promise<Container> {
  let made = container
  for (const [path, parts] of Object.entries(files)) {
    const to = `${WORKDIR}/${path}`
    const [only] = parts
    if (parts.length === 1 && only !== undefined && "copy" in only)
      made = made.withFile(to, source.file(only.copy))
    else {
      const texts = parts.map((part) => ("copy" in part ? source.file(part.copy).contents() : part.text))
      made = made.withNewFile(to, (await Promise.all(texts)).join(""))
    }
  }
  return made
}
