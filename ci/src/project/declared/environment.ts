import type { Container } from "@dagger.io/dagger"
import { escapeGlob } from "../../formats/glob.js"
import { type Given, WORKDIR } from "../../run/stage.js"
import { joinPath } from "../paths.js"
import type { Project } from "../project.js"
import type { Env } from "./found.js"
import { commandsOf, jobOf, type TestScript } from "./scripts.js"

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
const OF_MACHINE = /^(?:PATH|HOME|SHELL|CI|NODE_OPTIONS|RUNNER_.*|GITHUB_.*|ACTIONS_.*|TURBO_.*|NX_.*)$/

/** Returns the variables and env files that a test script expects. */
export function surroundingsOf(project: Project, test: TestScript): Surroundings {
  const runs = jobOf(project, test)
  const env = Object.fromEntries(
    Object.entries(runs?.step.env ?? {}).filter(([name]) => !OF_MACHINE.test(name)),
  )
  const files = envFiles(project, test, runs?.job.steps.map(({ run }) => run).join("\n") ?? "")
  return {
    env,
    files,
    because: [
      ...(runs && Object.keys(env).length > 0 ? [`variables from ${runs.job.file}`] : []),
      ...Object.entries(files).map(
        ([path, from]) => `${path} from ${from ?? "nothing, as the team's workflow does"}`,
      ),
    ],
  }
}

const EXAMPLES = [".env.example", ".env.sample", ".env.template", ".env.dist", "example.env"]

/** Packages that read `.env`. */
const READERS = [
  "dotenv",
  "dotenv-cli",
  "dotenv-flow",
  "dotenv-expand",
  "env-cmd",
  "@nestjs/config",
  "@dotenvx/dotenvx",
]

function envFiles(
  { declared, root }: Project,
  { workspace, script }: TestScript,
  commands: string,
): Surroundings["files"] {
  const reads = READERS.some((name) => [...workspace.dependencies, ...root.dependencies].includes(name))
  const named = /(?:--env-file(?:-if-exists)?[= ]|-e |\s)\.env(?![\w.])/.test(commandsOf(workspace, script))
  const found = [...new Set([workspace.path, root.path])].flatMap(
    (folder): readonly (readonly [string, string | null])[] => {
      const file = joinPath(folder, ".env")
      const example = EXAMPLES.map((name) => joinPath(folder, name)).find((name) => name in declared.env)
      const copied = /\bcp\s+(?:-\S+\s+)*(\S*\.?env[\w.]*)\s+(?:\S*\/)?\.env(?:\s|$)/.test(commands)
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
