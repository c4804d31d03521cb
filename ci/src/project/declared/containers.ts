/** Which tests start containers themselves, through Docker's API or its command line. */
import type { Language, Project, Workspace } from "../project.js"
import { commandsOf, startsDocker, type TestScript } from "./scripts.js"

/** Packages that are there to start containers for tests. */
const FOR_TESTS = /^(?:testcontainers|@testcontainers\/.+|pytest-docker(?:-tools)?|docker-services)$/
/** Clients of Docker's API, which an app may have for other ends. */
const CLIENT: Readonly<Record<Language, string>> = { node: "dockerode", python: "docker" }

/** Dependencies of a package, and those that its workspaces bring. */
const packagesOf = ({ workspaces, python }: Project, { dependencies, needs }: Workspace) => [
  ...dependencies,
  ...workspaces.filter(({ path }) => needs.includes(path)).flatMap(({ brings }) => brings),
  ...(python?.dependencies ?? []),
]

/** Returns the package by which the tests of a package start containers, as `testcontainers`; null without one. */
export const containersBy = (project: Project, workspace: Workspace): string | null =>
  packagesOf(project, workspace).find((name) => FOR_TESTS.test(name)) ?? null

/** Tells whether the tests of a script may start containers. */
const mayStart = (project: Project, { workspace, script }: TestScript): boolean =>
  startsDocker(workspace, script) ||
  packagesOf(project, workspace).some(
    (name) => FOR_TESTS.test(name) || name === CLIENT[project.language ?? "node"],
  )

/** Tells whether a suite gets a Docker daemon: slipway.yaml names its stage, or says `true` and its tests may start containers. */
export function getsDocker(project: Project, test: TestScript, stage: string): boolean {
  const { docker } = project.config.tests
  return Array.isArray(docker) ? docker.includes(stage) : docker && mayStart(project, test)
}

/** What to write into slipway.yaml for a suite to get a Docker daemon. */
export const dockerLine = (project: Project, test: TestScript, stage: string): string =>
  mayStart(project, test) ? "tests: { docker: true }" : `tests: { docker: ["${stage}"] }`

const COMPOSE = /\bdocker(?:\s+|-)compose\b/

/** Tells whether a suite calls Docker Compose. */
export const callsCompose = (project: Project, { workspace, script }: TestScript): boolean =>
  COMPOSE.test(commandsOf(workspace, script)) ||
  packagesOf(project, workspace).some((name) => ["docker-compose", "pytest-docker"].includes(name))
