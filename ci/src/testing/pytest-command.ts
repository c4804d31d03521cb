import type { Env } from "../project/declared/found.js"
import type { Django, Python } from "../project/python-project.js"
import { quote } from "../run/command.js"
import { OWN_COVERAGE, OWN_REPORT, OWN_RUN } from "../tools/hook.js"
import type { TestProgram } from "./python-program.js"

/** A Python project with the settings of Django that a variable names. */
export const withSettings = (
  { django, ...python }: Python,
  { DJANGO_SETTINGS_MODULE: settings }: Env,
): Python => ({
  ...python,
  django: django && settings ? { ...django, settings } : django,
})

/**
 * JUnit of the family that names files. Coverage by the project's own plugin, else by coverage.py around pytest.
 *
 * @param covers whether the team asks for coverage itself: its gate counts then, and no other.
 */
export function pytestCommand(
  { dependencies, django }: Pick<Python, "dependencies" | "django">,
  args = "",
  covers = true,
): string {
  const report = `-o junit_family=xunit1 --junitxml=${OWN_REPORT}${django === null ? "" : ofDjango(django)}${args}`
  const there = django === null || django.folder === "" ? [] : [`cd ${quote(django.folder)}`]
  if (dependencies.includes("pytest-cov"))
    return [
      ...there,
      OWN_RUN,
      `python -m pytest ${report} --cov --cov-report=lcov:${OWN_COVERAGE}${covers ? "" : " --cov-fail-under=0"}`,
    ].join("\n")
  return [...there, measured(`python -m coverage run --source=. -m pytest ${report}`)].join("\n")
}

/** A command with coverage.py, with its report; the exit code is the command's own. */
const measured = (command: string): string =>
  [
    OWN_RUN,
    "export COVERAGE_FILE=/slipway/.coverage",
    command,
    "code=$?",
    `python -m coverage lcov --quiet -i -o ${OWN_COVERAGE}`,
    "exit $code",
  ].join("\n")

/** Runs a project's own program, whose output tells how many tests there were. */
export const programCommand = ({ calls }: TestProgram): string =>
  measured(calls.map((call) => `python -m coverage run --append --source=. ${call}`).join(" && "))

/** Options that tell pytest-django what manage.py tells Django's own runner, whose test files are `test*.py`. */
const ofDjango = ({ settings }: Django): string => ` --ds=${settings} -o python_files='test*.py *_test.py'`
