import { anyOf } from "../../formats/pattern.js"
import { behindPrefixes } from "../command-prefixes.js"
import type { Workspace } from "../project.js"
import { stepCommands } from "../shell-words.js"
import type { Step } from "./found.js"
import type { Runs } from "./scripts.js"

/** What steps of the team's CI do that another environment's steps do not. */

/** Installs or removes packages by their names. */
const INSTALLS = anyOf([
  /\b(?:npm|pnpm|yarn|bun)\s+(?:i|install|add|remove|uninstall)\s+(?:-\S+\s+)*[@\w]/,
  /\b(?:npm|pnpm|yarn|bun)\s+rebuild/,
  /\bpip3?\s+(?:un)?install\s+(?:-\S+\s+)*[\w"'[.]/,
])

/** Options, package managers and tools around tests, behind the word `install`. */
const AROUND_TESTS = anyOf([
  /^-/,
  /^(?:pip|setuptools|wheel|tox|tox-\S+|nox|uv|poetry|pipenv|hatch|npm|pnpm|yarn)(?:[=@<>]|$)/,
  /^(?:coverage|codecov|coveralls)(?:[=@<>]|$)/,
])

const isAroundTests = (run: string): boolean => {
  const words = run.trim().split(/\s+/)
  const packages = words.slice(words.lastIndexOf("install") + 1)
  return words.includes("install") && packages.length > 0 && packages.every((word) => AROUND_TESTS.test(word))
}

/** Returns the commands before the tests that install or remove packages by name. */
export const installsOf = ({ job, step }: Runs): readonly string[] =>
  job.steps
    .slice(0, job.steps.indexOf(step))
    .filter(({ run, leftOut }) => !leftOut && INSTALLS.test(run) && !isAroundTests(run))
    .map(({ run }) => run.trim())

/** Options by which runners take some of the tests, or other settings. */
const PICKS = anyOf([
  /^-[tkmgc](?:=|$)/,
  /^--(?:grep|fgrep|testNamePattern|testPathPatterns?|tags?|exclude-tag|ignore|deselect)(?:=|$)/,
  /^--(?:project|selectProjects|config)(?:=|$)/,
])

/** Words by which package managers start a script. */
const STARTS = /^(?:npm|pnpm|yarn|bun|npx|run|run-script|test|t|--|node|-m|python3?|uv|poetry|exec|make)$/

/** Returns the words of a step that choose tests, and that the usual step has not. */
export function picksOf(step: Step, usual: Step, { scripts }: Workspace): readonly string[] {
  const wordsOf = ({ run }: Step) => stepCommands(run).flatMap((words) => behindPrefixes(words).command)
  const own = wordsOf(usual)
  return wordsOf(step).filter(
    (word) =>
      !own.includes(word) &&
      !STARTS.test(word) &&
      !(word in scripts) &&
      (PICKS.test(word) || /^[^-].*[/.]/.test(word)),
  )
}
