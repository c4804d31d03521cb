import { anyOf } from "../../formats/pattern.js"
import { INSTALLED, TEMPLATE } from "../manifest.js"
import type { Tree } from "../project.js"
import { withCalledScripts } from "./called.js"
import { CIRCLECI, readCircle } from "./circleci.js"
import { readCompose, type Surroundings } from "./compose.js"
import { readComposes } from "./compose-readings.js"
import { besides, DEVCONTAINER, type Devcontainer, readDevcontainer, variablesIn } from "./devcontainer.js"
import type { Compose, Declared, DeclaredContainer, Job, Technology } from "./found.js"
import { gitlabJobs } from "./gitlab.js"
import { GITLAB, type GitlabConfiguration, readGitlab } from "./gitlab-configuration.js"
import { withHatch } from "./hatch.js"
import { withNox } from "./nox.js"
import { PRE_COMMIT, readPreCommit } from "./pre-commit.js"
import { installedBy, NAMED_FILE } from "./set-up.js"
import { startedBy } from "./started.js"
import { TECHNOLOGIES } from "./technologies.js"
import { isConditional, TEST_SETUP } from "./test-setup.js"
import { withTox } from "./tox.js"
import { readEnvFile } from "./values.js"
import { readWorkflows } from "./workflows.js"

const COMPOSE = /(?:^|\/)(?:docker-)?compose(?:[.-][\w-]+)*\.ya?ml$/
const ENV = anyOf([
  /(?:^|\/)\.env(?:\.[\w.-]+)?$/,
  /(?:^|\/)[\w.-]+\.env(?:\.[\w-]+)?$/,
  /(?:^|\/)env[.-](?:example|sample|template|dist)(?:[.-][\w-]+)*$/,
])
const WORKFLOW = /^\.github\/workflows\/[^/]+\.ya?ml$/
const SCHEMA = /(?:^|\/)[\w-]+\.prisma$/

type PathAndText = readonly [path: string, text: string]

/** Each file is a question to the engine: a repository with more of a kind keeps examples. */
const LIMIT = 60

/**
 * Reads compose files, env files, database schemas, development containers and the CI of a project. What is broken is
 * named, and fails nothing.
 */
export async function readDeclared(tree: Tree): Promise<Declared> {
  const own = tree.files.filter((file) => !INSTALLED.test(file) && !TEMPLATE.test(file))
  const some = async (pattern: RegExp) => {
    const paths = own.filter((file) => pattern.test(file)).toSorted((a, b) => depth(a) - depth(b))
    return Promise.all(paths.slice(0, LIMIT).map(async (path) => [path, await tree.read(path)] as const))
  }
  const [composeFiles = [], envFiles = [], schemas = [], workflows = [], containers = [], setups = []] =
    await Promise.all([COMPOSE, ENV, SCHEMA, WORKFLOW, DEVCONTAINER, TEST_SETUP].map(some))
  const env = Object.fromEntries(envFiles.map(([path, text]) => [path, readEnvFile(text)]))
  const gitlab = own.includes(GITLAB) ? await readGitlab({ files: own, read: tree.read }) : null
  const jobs = await jobsOf(tree, own, workflows, gitlab)
  const steps = jobs.flatMap((job) => [job, ...(job.others ?? [])]).flatMap((job) => job.steps)
  const { all, calls, around } = await readComposes({ ...tree, files: own }, composeFiles, {
    env,
    steps,
    limit: LIMIT,
  })
  const found = await Promise.all(
    containers.map(async ([path, text]) => containerOf(tree, around, readDevcontainer(path, text))),
  )
  const lost = containers.flatMap(([path], i) => (found[i] === null ? [path] : []))
  return {
    compose: Object.fromEntries(await withScripts(tree, all)),
    calls,
    env,
    schemas: schemasOf(schemas),
    jobs,
    devcontainers: found.filter((one) => one !== null),
    setups: setups.map(([file, text]) => ({ file, text })).filter(isConditional),
    unreadable: [
      ...all.flatMap(([path, one]) => (one === null ? [path] : [])),
      ...(gitlab?.broken ?? []),
      ...lost,
    ],
  }
}

/** The databases of Prisma schemas that name a known one, by path. */
const schemasOf = (schemas: readonly PathAndText[]): Declared["schemas"] =>
  Object.fromEntries(
    schemas.flatMap(([path, text]) => {
      const found = providerOf(text)
      return found ? [[path, found]] : []
    }),
  )

/** Returns the jobs of the project's CI and of pre-commit, with the commands of the scripts that they call. */
async function jobsOf(
  tree: Tree,
  files: readonly string[],
  workflows: readonly PathAndText[],
  gitlab: GitlabConfiguration | null,
): Promise<readonly Job[]> {
  const versions = await filesNamedBy(tree, workflows)
  const jobs = [
    ...readWorkflows(workflows, versions),
    ...(gitlab === null ? [] : gitlabJobs(gitlab)),
    ...(files.includes(CIRCLECI) ? readCircle(await tree.read(CIRCLECI)) : []),
    ...(files.includes(PRE_COMMIT) ? readPreCommit(await tree.read(PRE_COMMIT)) : []),
  ]
  return Promise.all(jobs.map((job) => withCommands(tree, files, job)))
}

/** Adds the commands of the scripts that a job calls; leaves out entries of its matrix that do the same as the first. */
async function withCommands(tree: Tree, files: readonly string[], job: Job): Promise<Job> {
  const { others = [] } = job
  const workOf = ({ steps, services }: Job) => JSON.stringify([steps.filter((one) => !one.leftOut), services])
  const works = [job, ...others].map(workOf)
  const apart = others.filter((one, i) => works.indexOf(workOf(one)) === i + 1)
  const called = await withCalledScripts(tree, job.steps)
  const steps = await withHatch(tree, await withTox(tree, await withNox(tree, called)))
  const read = await Promise.all(apart.map((one) => withCommands(tree, files, one)))
  return withStarted(files, { ...job, steps, ...(read.length > 0 ? { others: read } : {}) })
}

/** Returns the compose files that can be read, with the lines of the shell scripts that their programs start with. */
const withScripts = (tree: Tree, all: readonly (readonly [path: string, read: Compose | null])[]) =>
  Promise.all(
    all
      .flatMap(([path, one]) => (one === null ? [] : [{ path, one }]))
      .map(async ({ path, one }) => {
        const starts = await withCalledScripts(tree, one.starts)
        return [path, { ...one, starts }] as const
      }),
  )

/** Adds what a job installs and starts in a shell: package managers, and services beside those that it names. */
function withStarted(files: readonly string[], job: Job): Job {
  const hosts = job.services.map(({ host }) => host)
  const started = startedBy(job.steps, { source: job.file, files })
  return {
    ...job,
    tools: { ...installedBy(job.steps), ...job.tools },
    services: [...job.services, ...started.filter(({ host }) => !hosts.includes(host))],
  }
}

const ACTION = /(?:^|\/)action\.ya?ml$/

/** Reads the repository's own actions, and the version files that workflows and these actions name. */
async function filesNamedBy(
  tree: Tree,
  workflows: readonly PathAndText[],
): Promise<ReadonlyMap<string, string>> {
  if (workflows.length === 0) return new Map()
  const read = async (path: string) => [path, await tree.read(path)] as const
  const actions = await Promise.all(
    tree.files
      .filter((file) => ACTION.test(file))
      .slice(0, LIMIT)
      .map(read),
  )
  const versions = [...workflows, ...actions].flatMap(([, text]) =>
    [...text.matchAll(NAMED_FILE)].map(([, path = ""]) => path.replace(/^\.\//, "")),
  )
  const present = [...new Set(versions)].filter((path) => tree.files.includes(path))
  return new Map([...actions, ...(await Promise.all(present.map(read)))])
}

/** Returns a development container with the services of its compose files; null for one that cannot be read. */
async function containerOf(
  tree: Tree,
  around: Surroundings,
  read: Devcontainer | null,
): Promise<DeclaredContainer | null> {
  if (read === null) return null
  const paths = read.composeFiles.filter((path) => tree.files.includes(path))
  const [first, ...others] = await Promise.all(
    paths.map(async (file) => ({ file, text: await tree.read(file) })),
  )
  const compose = first === undefined ? null : readCompose(first, around, others)
  const { file, versions } = read
  return { file, versions, compose: compose && besides(read, compose), env: variablesIn(read, compose) }
}

const depth = (path: string) => path.split("/").length

/** The database of a Prisma schema: `provider = "mysql"` in its datasource. */
function providerOf(text: string): Technology | undefined {
  const provider = /datasource\s+\w+\s*\{[^}]*\bprovider\s*=\s*"(\w+)"/.exec(text)?.[1] ?? ""
  return TECHNOLOGIES.find(({ scheme }) => scheme.test(provider))
}
