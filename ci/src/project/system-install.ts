import type { Container } from "@dagger.io/dagger"
import { causeLine } from "../run/cause-line.js"
import { FOLDER, quote } from "../run/command.js"
import type { Given } from "../run/stage.js"
import type { Unchecked } from "./project.js"
import { type SystemPackage, systemPackages } from "./system-packages.js"

/** Seconds for one try. */
const TIMEOUT = 600
const ATTEMPTS = 3

/** The names of the packages that Debian does not have, a line each. */
const UNKNOWN = `${FOLDER}/unknown-packages`

/** A container with a project's packages of Debian, and those that it lacks. */
export interface WithPackages {
  readonly container: Container
  readonly lacking: readonly Unchecked[]
}

/**
 * Installs the packages of Debian that a project needs. One that is not there keeps no other from being installed: what
 * really needs it tells so by its own error.
 */
export async function withSystemPackages(
  given: Given,
  container: Container,
  packages: readonly SystemPackage[] = systemPackages(given.project),
): Promise<WithPackages> {
  if (packages.length === 0) return { container, lacking: [] }
  const ran = await given.command({
    container,
    steps: [
      { name: "apt-get", run: aptScript(packages), timeout: TIMEOUT, attempts: ATTEMPTS },
      // The outcome is the same wherever files are compared: lists of packages are none of the project's.
      { name: "clean", run: "rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin", timeout: TIMEOUT },
    ],
    reports: [UNKNOWN],
  })
  if (ran.failed)
    return {
      container,
      lacking: packages.map((one) => lack(one, causeLine(ran.log.text) ?? "apt-get failed")),
    }
  const unknown = (ran.reports[UNKNOWN] ?? "").split("\n")
  const missing = packages.filter(({ name }) => unknown.includes(name))
  return {
    container: ran.container,
    lacking: missing.map((one) => lack(one, "this image's Debian has no package of this name")),
  }
}

const lack = ({ name, source }: SystemPackage, reason: string): Unchecked => ({
  what: `the package ${name} of ${source}`,
  reason,
})

/** Returns the shell script that installs packages by the names that Debian gives them. */
export const aptScript = (packages: readonly SystemPackage[]): string =>
  [
    "set -e",
    // Java's packages fail where they cannot link their manuals.
    "mkdir -p /usr/share/man/man1",
    "apt-get update -q -o APT::Update::Error-Mode=any",
    `: >${UNKNOWN}`,
    "found=",
    `for names in ${packages.map(({ names }) => quote(names.join(" "))).join(" ")}; do`,
    "  chosen=",
    "  for name in $names; do",
    '    [ -n "$chosen" ] || ! apt-cache policy "$name" | grep -q \'Candidate: [^(]\' || chosen=$name',
    "  done",
    `  [ -n "$chosen" ] || echo "\${names%% *}" >>${UNKNOWN}`,
    '  found="$found $chosen"',
    "done",
    '[ -z "$(echo $found)" ] || DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends -o Acquire::Retries=3 $found',
  ].join("\n")
