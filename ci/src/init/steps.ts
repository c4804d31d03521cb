import { lineColumn, readYaml } from "../config/yaml-position.js"
import { type JsonRecord, recordOf, recordsOf } from "../formats/json.js"
import { GITLAB, readGitlab } from "../project/declared/gitlab-configuration.js"
import { pairs, scalar, scriptLines } from "../project/declared/values.js"
import { usualFolder } from "../project/declared/workflow-steps.js"
import { pathFrom } from "../project/paths.js"
import type { Tree } from "../project/project.js"

/** A step of the team's CI, as it is written. */
export interface CiStep {
  /** For people: `.github/workflows/ci.yml:12, job test, "Lint code"`. */
  readonly place: string
  /** `.github/workflows/ci.yml:12`. */
  readonly source: string
  readonly name: string
  /** What it runs in a shell; "" for an action. */
  readonly run: string
  /** The action that it uses, or null. */
  readonly uses: string | null
  readonly with: JsonRecord
  readonly env: Readonly<Record<string, string>>
  /** The folder that it runs in; null where nobody can tell. */
  readonly folder: string | null
  /** False where its failure does not fail the job. */
  readonly blocks: boolean
  /** True in a job that deploys or releases. */
  readonly deploys: boolean
  /** The values of the job's matrix, by axis. */
  readonly matrix: Readonly<Record<string, readonly string[]>>
}

const WORKFLOW = /^\.github\/workflows\/[^/]+\.ya?ml$/

/** Reads the steps of GitHub's and GitLab's CI. Of GitLab, a job is a step. */
export async function stepsOf(tree: Tree): Promise<readonly CiStep[]> {
  const workflows = tree.files.filter((file) => WORKFLOW.test(file))
  const github = await Promise.all(workflows.map(async (file) => githubSteps(file, await tree.read(file))))
  return [...github.flat(), ...(tree.files.includes(GITLAB) ? await gitlabSteps(tree) : [])]
}

const DEPLOYS = /deploy|release|publish|rollback|promote/i

function githubSteps(file: string, text: string): readonly CiStep[] {
  const { value, locate } = readYaml(text)
  return Object.entries(recordOf(recordOf(value).jobs)).flatMap(([id, described]) => {
    const job = recordOf(described)
    const usual = usualFolder(job) ?? usualFolder(recordOf(value)) ?? "."
    const deploys = "environment" in job || DEPLOYS.test(id)
    const shared = { deploys, matrix: axesOf(recordOf(recordOf(job.strategy).matrix)) }
    const steps = scalar(job.uses) === null ? recordsOf(job.steps) : [job]
    return steps.map((step, i): CiStep => {
      const path = steps[0] === job ? ["jobs", id] : ["jobs", id, "steps", i]
      const run = scalar(step.run) ?? ""
      const uses = scalar(step.uses)
      const name = scalar(step.name) ?? uses ?? run.trim().split("\n")[0] ?? ""
      const folder = scalar(step["working-directory"]) ?? usual
      const env = { ...pairs(recordOf(value).env), ...pairs(job.env), ...pairs(step.env) }
      const source = `${file}:${lineColumn(text, locate(path, "value")).split(":")[0]}`
      return {
        ...shared,
        source,
        place: `${source}, job ${id}, "${name}"`,
        name,
        run,
        uses,
        with: withVariables(recordOf(step.with), env),
        env,
        folder: folder.includes("$") ? null : pathFrom("", folder),
        blocks: step["continue-on-error"] !== true && job["continue-on-error"] !== true,
      }
    })
  })
}

/** Inputs of an action with the variables that they name: `${{ env.TF_VERSION }}`. */
const withVariables = (inputs: JsonRecord, env: CiStep["env"]): JsonRecord =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [
      name,
      typeof value === "string"
        ? value.replace(/\$\{\{\s*env\.(\w+)\s*\}\}/g, (whole, variable: string) => env[variable] ?? whole)
        : value,
    ]),
  )

const axesOf = (matrix: JsonRecord): CiStep["matrix"] =>
  Object.fromEntries(
    Object.entries(matrix).flatMap(([name, values]) =>
      Array.isArray(values) && !["include", "exclude"].includes(name)
        ? [[name, values.flatMap((each) => scalar(each) ?? [])]]
        : [],
    ),
  )

async function gitlabSteps(tree: Tree): Promise<readonly CiStep[]> {
  const { jobs, files, elsewhere } = await readGitlab(tree)
  const bare = { uses: null, with: {}, env: {}, folder: "", blocks: true, deploys: false, matrix: {} }
  const own = Object.entries(jobs).map(([name, job]): CiStep => {
    const file = files[name] ?? GITLAB
    const matrix = recordsOf(recordOf(job.parallel).matrix)
    return {
      ...bare,
      source: `${file}, job ${name}`,
      place: `${file}, job ${name}`,
      name,
      run: [...scriptLines(job.before_script), ...scriptLines(job.script)].join("\n"),
      env: pairs(job.variables),
      blocks: job.allow_failure !== true,
      deploys: "environment" in job || DEPLOYS.test(name) || DEPLOYS.test(scalar(job.stage) ?? ""),
      matrix: Object.assign({}, ...matrix.map(axesOf)),
    }
  })
  const included = elsewhere.map((name): CiStep => {
    const place = `${GITLAB}, include ${name}`
    return { ...bare, source: GITLAB, place, name, run: "", uses: `include:${name}` }
  })
  return [...own, ...included]
}
