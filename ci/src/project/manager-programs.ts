import type { Container, Directory } from "@dagger.io/dagger"
import { dag } from "@dagger.io/dagger"
import { quote } from "../run/command.js"
import { type Given, type Ran, WORKDIR, withEnvironment } from "../run/stage.js"
import { environmentOf, MANAGERS, MANAGERS_BIN, manualOf } from "./managers.js"
import { joinPath } from "./paths.js"
import type { PackageManager } from "./project.js"

const TIMEOUT = 180
const ATTEMPTS = 3

/** A container with the project's package managers, and what installing them came to; null where Node.js brings them. */
export interface Equipped {
  readonly container: Container
  readonly ran: Ran | null
}

/** Settings of .npmrc that say where packages come from. What wants a variable that is not set would be sent as it is written. */
const SOURCES =
  /^\s*(?:(?:@[^:=\s]+:)?registry|\/\/[^=]+|(?:https?-)?proxy|noproxy|cafile|ca|strict-ssl)\s*=(?!.*\$\{)/

/** Returns the lines of an .npmrc by which packages are found. */
export const sourcesIn = (npmrc: string): string =>
  npmrc
    .split(/\r?\n/)
    .filter((line) => SOURCES.test(line))
    .map((line) => `${line}\n`)
    .join("")

/**
 * Installs the package managers of a project from npm: no tool fetches another version of itself, which registries
 * without signatures refuse. Only where packages come from is read of the project's settings.
 */
export async function equipped(given: Given, container: Container): Promise<Equipped> {
  const { packageManager } = given.project
  const { packages } = packageManager
  if (packages.length === 0)
    return { container: withProgramsOf(packageManager, container, dag.directory()), ran: null }
  const file = joinPath(given.project.path, ".npmrc")
  const npmrc = given.project.files.includes(file) ? await given.source.file(file).contents() : ""
  const ran = await given.command({
    container: withCacheOf("npm", container).withNewFile(`${MANAGERS}/.npmrc`, sourcesIn(npmrc)),
    steps: [
      {
        name: packages.join(", "),
        run: `npm install --prefix ${MANAGERS} --no-save --no-package-lock --no-audit --no-fund --no-progress --ignore-scripts=false --fetch-timeout=60000 ${packages.map(quote).join(" ")}`,
        timeout: TIMEOUT,
        attempts: ATTEMPTS,
        final: "npm error code E(TARGET|404)",
      },
    ],
  })
  return { container: withProgramsOf(packageManager, container, ran.container.directory(MANAGERS)), ran }
}

/** A container with the download cache of a tool, which all runs share. */
export const withCacheOf = (tool: PackageManager["tool"], container: Container): Container =>
  container.withMountedCache(manualOf({ tool }).cache, dag.cacheVolume(`slipway-${tool}`))

/** A container with installed package managers on its PATH, and their environment. Their folder is there, even if empty. */
export function withProgramsOf(
  packageManager: PackageManager,
  container: Container,
  programs: Directory,
): Container {
  const { program } = packageManager
  const filled = container.withDirectory(MANAGERS, programs)
  const file = quote(`${WORKDIR}/${program}`)
  const own = `#!/bin/sh\nexec node ${file} "$@"\n`
  const complete =
    program === null ? filled : filled.withNewFile(`${MANAGERS_BIN}/yarn`, own, { permissions: 0o755 })
  return withEnvironment(complete, environmentOf(packageManager)).withEnvVariable(
    "PATH",
    `${MANAGERS_BIN}:\${PATH}`,
    { expand: true },
  )
}
