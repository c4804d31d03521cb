import type { Container } from "@dagger.io/dagger"
import { escapeGlob } from "../../formats/glob.js"
import { anyOf, escapeRegExp } from "../../formats/pattern.js"
import { type Given, WORKDIR } from "../../run/stage.js"
import { joinPath } from "../paths.js"
import type { Project } from "../project.js"
import type { Env, FoundService } from "./found.js"
import { commandsOf, jobOfTests, type TestScript } from "./scripts.js"
import { ENV_EXAMPLES } from "./values.js"

/** What tests find around them beside services. */
export interface Surroundings {
  /** The variables that the team's own CI gives to the script. */
  readonly env: Env
  /** Env files that git ignores: path → the file that stands for it; null for an empty one. */
  readonly files: Readonly<Record<string, string | null>>
  /** For `plan`. */
  readonly because: readonly string[]
}

/** Variables that belong to the machine. */
const OF_MACHINE = anyOf([
  /^(?:PATH|HOME|SHELL|CI|NODE_OPTIONS)$/,
  /^(?:RUNNER|GITHUB|ACTIONS|TURBO|NX|CI|GITLAB|FF|GIT|DOCKER|KUBERNETES)_/,
  /_CACHE(?:_DIR|_FOLDER)?$/,
  // Of package managers: which Python uv takes, where npm looks.
  /^(?:UV_(?!THREADPOOL)|PIP_|POETRY_|PDM_|PIPENV_|HATCH_|TOX_|NOX_|YARN_|PNPM_|COREPACK_|npm_config_)/i,
])

/** Returns variables without those that belong to the machine. */
export const ofProject = (env: Env): Env =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !OF_MACHINE.test(name)))

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
  const files = envFiles(project, test, runs?.job.steps.map(({ run }) => run).join("\n") ?? "")
  return {
    env,
    files,
    because: [
      ...(given && Object.keys(env).length > 0 ? [`variables from ${given.file}`] : []),
      ...Object.entries(files).map(
        ([path, from]) => `${path} from ${from ?? "nothing, as the team's workflow does"}`,
      ),
    ],
  }
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
  "env-cmd",
  "@nestjs/config",
  "@dotenvx/dotenvx",
  "python-dotenv",
  "django-environ",
  "environs",
  "python-decouple",
  "pydantic-settings",
]

/** A command line that makes `.env` of another env file. */
const COPIED = /\b(?:cp|mv|ln|cat)\s+(?:-\S+\s+)*(?:\S*\.?env[\w.-]*)\s+(?:>\s*)?(?:\S*\/)?\.env(?:\s|$)/

function envFiles(
  { declared, root, python }: Project,
  { workspace, script }: TestScript,
  commands: string,
): Surroundings["files"] {
  const packages = [...workspace.dependencies, ...root.dependencies, ...(python?.dependencies ?? [])]
  const reads = READERS.some((name) => packages.includes(name))
  const named = /(?:--env-file(?:-if-exists)?[= ]|-e |\s)\.env(?![\w.])/.test(commandsOf(workspace, script))
  const found = [...new Set([workspace.path, root.path])].flatMap(
    (folder): readonly (readonly [string, string | null])[] => {
      const file = joinPath(folder, ".env")
      const example = ENV_EXAMPLES.map((name) => joinPath(folder, name)).find((name) => name in declared.env)
      const copied = COPIED.test(commands)
      const touched = /(?:\btouch\s+|>\s*)(?:\S*\/)?\.env(?:\s|$)/.test(commands)
      if (file in declared.env) return []
      if (touched && !copied) return [[file, null]]
      return example && (copied || reads || named) ? [[file, example]] : []
    },
  )
  return Object.fromEntries(found)
}

/** Patterns of the files that stand for env files. */
export const envSources = ({ files }: Surroundings): readonly string[] =>
  Object.values(files).flatMap((from) => (from === null ? [] : [escapeGlob(from)]))

/** Puts the env files that git ignores where the tests look for them. */
export const withEnvFiles = (
  { source }: Pick<Given, "source">,
  container: Container,
  { files }: Surroundings,
): Container =>
  Object.entries(files).reduce(
    (made, [path, from]) =>
      from === null
        ? made.withNewFile(`${WORKDIR}/${path}`, "")
        : made.withFile(`${WORKDIR}/${path}`, source.file(from)),
    container,
  )
