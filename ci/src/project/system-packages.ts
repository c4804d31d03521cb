/** The packages of the system that a project needs: those that the team's CI installs, and those that its machines have. */
import { anyOf } from "../formats/pattern.js"
import { aptPackages } from "./declared/apt.js"
import type { Job } from "./declared/found.js"
import { testsIn } from "./declared/languages.js"
import { isOrHolds } from "./paths.js"
import type { Project } from "./project.js"

/** A package of Debian that a project needs. */
export interface SystemPackage {
  /** As the team's file names it. */
  readonly name: string
  /** What Debian may call it, the likeliest first. */
  readonly names: readonly string[]
  /** `.github/workflows/ci.yml`, or the dependency that is built with it. */
  readonly source: string
}

/**
 * Packages of Ubuntu, on which the machines of CI vendors run, that Debian has under another name.
 *
 * @see https://packages.ubuntu.com
 */
const OTHERWISE: readonly (readonly [ubuntu: RegExp, debian: string])[] = [
  [/^(lib\S+?)t64$/, "$1"],
  [/^libmysqlclient-dev$/, "default-libmysqlclient-dev"],
  [/^libmysqlclient\d+$/, "libmariadb3"],
  [/^mysql-(client|server)(?:-core)?(?:-[\d.]+)?$/, "default-mysql-$1"],
  [/^postgresql(-client|-contrib)?-\d+$/, "postgresql$1"],
  [/^postgresql-server-dev-\d+$/, "postgresql-server-dev-all"],
  [/^openjdk-\d+-(jdk|jre)(-headless)?$/, "default-$1$2"],
  [/^libjpeg-turbo8(-dev)?$/, "libjpeg62-turbo$1"],
  [/^libtiff5$/, "libtiff6"],
  [/^libtiff5-dev$/, "libtiff-dev"],
  [/^chromium-browser$/, "chromium"],
]

/** The languages themselves, whose version the project decides, and what no container can use. */
const OF_IMAGE = anyOf([
  /^(?:lib)?python3?(?:\.\d+)?(?:-(?:dev|venv|distutils|pip|full|minimal|setuptools|wheel))?$/,
  /^(?:nodejs|npm|yarn(?:pkg)?)$/,
  /^(?:docker|containerd)[\w.-]*$/,
])

/** What dependencies are built with and run on, where the machines of CI vendors have it. */
interface Brought {
  readonly dependencies: readonly string[]
  readonly packages: readonly string[]
}

/** @see https://github.com/actions/runner-images/blob/main/images/ubuntu/Ubuntu2404-Readme.md */
const BROUGHT: readonly Brought[] = [
  { dependencies: ["psycopg2", "psycopg", "psycopg-c", "pg-native", "libpq"], packages: ["libpq-dev"] },
  { dependencies: ["mysqlclient"], packages: ["default-libmysqlclient-dev", "pkg-config"] },
]

/** Returns the packages of Debian that a project needs, each once, with its source. */
export function systemPackages(project: Project): readonly SystemPackage[] {
  const byTeam = testing(project).flatMap(({ file, steps }) =>
    aptPackages(steps)
      .filter((name) => !OF_IMAGE.test(name))
      .map((name) => ({ name, source: file })),
  )
  const dependencies = [
    ...(project.python?.dependencies ?? []),
    ...[project.root, ...project.workspaces].flatMap((one) => one.dependencies),
  ]
  const brought = BROUGHT.flatMap(({ dependencies: asking, packages }) => {
    const source = asking.find((name) => dependencies.includes(name))
    return source === undefined ? [] : packages.map((name) => ({ name, source }))
  })
  const all = [...byTeam, ...brought].map((one) => ({ ...one, names: namesOf(one.name) }))
  const isFirst = (one: SystemPackage, i: number) =>
    all.findIndex((other) => other.names.some((name) => one.names.includes(name))) === i
  return all.filter(isFirst)
}

/** The name itself, and Debian's. */
const namesOf = (name: string): readonly string[] => [
  name,
  ...OTHERWISE.flatMap(([ubuntu, debian]) => (ubuntu.test(name) ? [name.replace(ubuntu, debian)] : [])),
]

/** The jobs that run tests of a project, in its folder, above it or below it. */
function testing({ declared, path }: Project): readonly Job[] {
  const isNear = (folder: string | null) =>
    folder === null || [folder, path].includes("") || isOrHolds(folder, path) || isOrHolds(path, folder)
  return declared.jobs.filter((job) => testsIn(job).some(({ folder }) => isNear(folder)))
}

/** `by apt-get libpq-dev (psycopg2)`; empty where there are none. */
export function systemText(packages: readonly SystemPackage[]): readonly string[] {
  const sources = [...new Set(packages.map(({ source }) => source))]
  return sources.map((source) => {
    const names = packages.filter((one) => one.source === source).map(({ name }) => name)
    return `by apt-get ${names.join(" ")} (${source})`
  })
}
