import { callsOf, type ProgramCall } from "../project/declared/calls.js"
import { isOrHolds, joinPath, pathFrom, prefixOf } from "../project/paths.js"
import type { Project } from "../project/project.js"
import { quote } from "../run/command.js"
import type { PythonSuite } from "./python-suite.js"

/** The tests that a call chooses. */
interface Choice {
  /** Options of pytest, as words. */
  readonly options: readonly string[]
  /** Folders and files, relative to the folder that pytest runs in; empty for all. */
  readonly paths: readonly string[]
}

/** Where a call chooses from. */
interface Place {
  readonly project: Project
  /** The folder that pytest runs in, relative to the repository. */
  readonly folder: string
}

/** A runner of tests. */
interface Runner {
  /** What its command line begins with, as a pattern. */
  readonly name: string
  /** Returns what the arguments of a call choose; null where a part of it is not known. */
  readonly chosen: (args: readonly string[], place: Place) => Choice | null
}

/** Options of pytest that choose tests, with a value as the next word. */
const CHOOSES_NEXT = ["-m", "-k", "--ignore", "--deselect"]
const CHOOSES = /^(?:-[mk].|--(?:ignore|ignore-glob|deselect)=)/

/** Its other options with a value as the next word. */
const VALUED =
  /^(?:-[cnopWr]|--(?:cov|cov-config|cov-report|rootdir|confcutdir|basetemp|junitxml|ds|tb|maxfail|durations|dist|numprocesses|import-mode|log-level|timeout|reruns|color))$/

/** Words of a command: options, each with the next word where that is its value, and the words without them. */
interface Words {
  readonly options: readonly (readonly string[])[]
  readonly plain: readonly string[]
}

function wordsOf(args: readonly string[], hasValue: (option: string, next: string) => boolean): Words {
  const [first, next, ...rest] = args
  if (first === undefined) return { options: [], plain: [] }
  const takesNext = first.startsWith("-") && next !== undefined && hasValue(first, next)
  const behind = wordsOf(takesNext ? rest : args.slice(1), hasValue)
  if (!first.startsWith("-")) return { ...behind, plain: [first, ...behind.plain] }
  return { ...behind, options: [takesNext ? [first, next] : [first], ...behind.options] }
}

/** A path as pytest takes it, without the name of a test in it. */
const pathOf = (word: string): string => word.replace(/^\.\//, "").replace(/\/$/, "")

const pytest: Runner = {
  name: String.raw`py\.?test`,
  chosen(args, { project, folder }) {
    const own = project.python?.testOptions ?? []
    const isCode = (path: string) => codeIn(project, joinPath(folder, pathOf(path)))
    const { options, plain } = wordsOf(
      args,
      (option, next) =>
        CHOOSES_NEXT.includes(option) ||
        VALUED.test(option) ||
        (own.includes(option) && !next.startsWith("-") && !isCode(next)),
    )
    const chooses = ([option = ""]: readonly string[]) =>
      CHOOSES_NEXT.includes(option) || CHOOSES.test(option) || own.includes(option.replace(/=.*/, ""))
    return { options: options.filter(chooses).flat(), paths: plain.filter(isCode).map(pathOf) }
  },
}

/** Tells whether a path is a Python file of the repository, or a folder with one. */
const codeIn = ({ files }: Project, path: string): boolean =>
  files.some((file) => file.endsWith(".py") && (path === "" || isOrHolds(path, file)))

/** Options of Django's runner with a value as the next word. @see https://docs.djangoproject.com/en/stable/ref/django-admin/#test */
const DJANGO_VALUED =
  /^(?:-[vptk]|--(?:verbosity|settings|pythonpath|pattern|top-level-directory|testrunner|tag|exclude-tag))$/
/** Those whose value may be absent: a number of processes, a seed. */
const DJANGO_NUMBERED = /^--(?:parallel|shuffle)$/

const django: Runner = {
  name: String.raw`(?:manage(?:\.py)?|django|django-admin)\s+test`,
  chosen(args, place) {
    const { options, plain } = wordsOf(
      args,
      (option, next) =>
        DJANGO_VALUED.test(option) || (DJANGO_NUMBERED.test(option) && /^(?:\d+|auto)$/.test(next)),
    )
    const values = (...names: readonly string[]) =>
      options.flatMap(([option = "", next = ""]) => {
        const [name = "", glued = next] = option.split("=")
        return names.includes(name) ? [glued] : []
      })
    const paths = plain.flatMap((label) => labelled(label, place) ?? [])
    if (paths.length < plain.length) return null
    const tags = values("--tag")
    const marks = [
      ...(tags.length > 1 ? [`(${tags.join(" or ")})`] : tags),
      ...values("--exclude-tag").map((tag) => `not ${tag}`),
    ]
    const [pattern] = values("-p", "--pattern")
    return {
      options: [
        // pytest-django makes marks of Django's tags.
        ...(marks.length > 0 ? ["-m", marks.join(" and ")] : []),
        ...values("-k").flatMap((one) => ["-k", one]),
        ...(pattern === undefined ? [] : ["-o", `python_files=${pattern}`]),
      ],
      paths: paths.includes("") ? [] : paths,
    }
  },
}

/** The folder or file that a label of Django names: `shop.cart`, `src/shop`; null for another. */
function labelled(label: string, { project, folder }: Place): string | null {
  const isFolder = /[/\\]/.test(label) || label === "."
  const dotted = label.replaceAll(".", "/")
  const places = isFolder
    ? [pathFrom("", pathOf(label)), pathFrom(folder, pathOf(label))]
    : [joinPath(folder, dotted), `${joinPath(folder, dotted)}.py`, dotted]
  const inside = prefixOf(folder)
  const found = places.find((path) => path !== null && codeIn(project, path))
  if (found === undefined || found === null || !`${found}/`.startsWith(inside)) return null
  return found.slice(inside.length)
}

/** Adds the arguments by which the team's CI chooses tests, where all of its calls choose alike. Other tests may need what is not here. */
export function withTeam(project: Project, suite: PythonSuite): PythonSuite {
  const own = project.python?.django ?? null
  const runner = own !== null && callsOf(project, pytest.name, suite.folder).length === 0 ? django : pytest
  const folder = runner === django ? joinPath(project.path, own?.folder ?? "") : suite.folder
  const calls = [...new Set([suite.folder, folder])].flatMap((one) => callsOf(project, runner.name, one))
  const chosen = (leftOut: boolean) =>
    choicesOf(
      calls.filter((call) => call.leftOut === leftOut),
      runner,
      { project, folder },
    )
  const counted = chosen(false)
  const [first] = counted
  const known = counted.flatMap((one) => one ?? [])
  const isAlike = new Set(known.map(({ options }) => JSON.stringify(options))).size === 1
  if (!first || known.length < counted.length || !isAlike) return suite
  return narrowed(suite, folder, known, chosen(true))
}

/** A suite with what calls choose that all have the same options. @param others what calls choose that do not run. */
function narrowed(
  suite: PythonSuite,
  folder: string,
  chosen: readonly Choice[],
  others: readonly (Choice | null)[],
): PythonSuite {
  const inside = prefixOf(folder)
  const files = suite.files.map((file) => file.slice(inside.length))
  const hold = (paths: readonly string[], file: string) => paths.some((path) => isOrHolds(path, file))
  const named = chosen.some(({ paths }) => paths.length === 0) ? [] : chosen.flatMap(({ paths }) => paths)
  const paths = [...new Set(named)].filter((path) => files.some((file) => isOrHolds(path, file)))
  const left = paths.length === 0 ? [] : files.filter((file) => !hold(paths, file))
  const elsewhere = others.flatMap((one) => one?.paths ?? [])
  // Several calls that have all tests together choose none.
  const kept = chosen.length > 1 && left.length === 0 ? [] : paths
  const whole = (file: string) => `${inside}${file}`
  return {
    ...suite,
    args: suite.args + [...(chosen[0]?.options ?? []), ...kept].map((word) => ` ${quote(word)}`).join(""),
    left: left.filter((file) => !hold(elsewhere, file)).map(whole),
    conditional: left.filter((file) => hold(elsewhere, file)).map(whole),
  }
}

/** What different calls choose; null for one that cannot be read. */
function choicesOf(
  calls: readonly ProgramCall[],
  { chosen }: Runner,
  place: Place,
): readonly (Choice | null)[] {
  const different = calls.filter(
    ({ text }, i) => calls.findIndex((other) => other.text.trim() === text.trim()) === i,
  )
  return different.map(({ args }) => (args === null ? null : chosen(args, place)))
}
