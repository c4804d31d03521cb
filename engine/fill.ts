import type { Client, Container, Directory } from "@dagger.io/dagger"
import { nodeArchives, npmArchives } from "./npm.js"
import { installPython } from "./python.js"
import type { StandIn } from "./recipes/index.js"

/**
 * Puts what a recipe names into a container, in the order of the recipe's fields.
 *
 * @param work a folder of this host for what is fetched here.
 */
export async function fill(base: Container, dag: Client, recipe: StandIn, work: string): Promise<Container> {
  let made = base
  if (recipe.apt) made = installDebian(made, recipe.apt)
  if (recipe.node) made = installNode(made, dag, recipe.node, work)
  if (recipe.python)
    made = installPython(made, installDebian(base, ["binutils", "python3-pip"]), dag, recipe.python)
  const packages = Object.entries(recipe.npm ?? {})
  const archives = npmArchives(
    packages.map(([, name]) => name),
    work,
  )
  for (const [index, [folder]] of packages.entries()) made = unpack(made, dag, archives[index] ?? "", folder)
  if (recipe.pip)
    made = made.withExec([
      "pip",
      "install",
      "--no-cache-dir",
      "--timeout=60",
      "--disable-pip-version-check",
      ...recipe.pip,
    ])
  for (const [folder, libraries] of Object.entries(recipe.maven ?? {}))
    made = made.withDirectory(folder, mavenLibraries(base, libraries))
  for (const [file, text] of Object.entries(recipe.files ?? {}))
    made = made.withNewFile(file, text, { permissions: file.includes("bin/") ? 0o755 : 0o644 })
  for (const command of recipe.run ?? []) made = made.withExec(["sh", "-c", command])
  return made
}

/** The parts of Node.js's package that the official image does not have either, and manuals. */
const NODE_EXCLUDED = "--exclude='include/node/openssl/archs/[!l]*' --exclude=share --exclude=CHANGELOG.md"

/** Unpacks an npm package into a folder. */
function unpack(
  container: Container,
  dag: Client,
  archive: string,
  folder: string,
  excluded = "",
): Container {
  const command = `mkdir -p "$0" && tar -C "$0" --strip-components=1 ${excluded} --no-same-owner -xzf /package.tgz`
  return container
    .withMountedFile("/package.tgz", dag.host().file(archive))
    .withExec(["sh", "-c", command, folder])
    .withoutMount("/package.tgz")
}

const MODULES = "/usr/local/lib/node_modules"

/** Installs Node.js with what it ships, in the places of the official image. */
function installNode(base: Container, dag: Client, wanted: string, work: string): Container {
  const { version, node, shipped } = nodeArchives(wanted, work)
  const links = Object.entries(shipped).flatMap(([name, { programs }]) =>
    Object.entries(programs).map(
      ([program, file]) =>
        `ln -s ../lib/node_modules/${name}/${file} /usr/local/bin/${program} && chmod 755 ${MODULES}/${name}/${file}`,
    ),
  )
  return Object.entries(shipped)
    .reduce(
      (made, [name, { archive }]) => unpack(made, dag, archive, `${MODULES}/${name}`),
      unpack(base, dag, node, "/usr/local", NODE_EXCLUDED),
    )
    .withExec(["sh", "-c", links.join(" && ")])
    .withEnvVariable("NODE_VERSION", version)
}

function installDebian(base: Container, packages: readonly string[]): Container {
  const install = [
    // The root has no manual, and Java's packages fail where they cannot link their pages.
    "mkdir -p /usr/share/man/man1",
    "apt-get update -q",
    `DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends -o Acquire::Retries=3 ${packages.join(" ")}`,
    "rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin",
  ]
  return base.withExec(["sh", "-c", install.join(" && ")])
}

/** The jars of libraries and of all that they need at run time, fetched by Debian's Maven, which stays behind. */
function mavenLibraries(base: Container, libraries: readonly string[]): Directory {
  const dependency = (library: string) => {
    const [group, artifact, version] = library.split(":")
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`
  }
  const project = `<project><modelVersion>4.0.0</modelVersion><groupId>slipway</groupId><artifactId>libraries</artifactId>
<version>1</version><dependencies>${libraries.map(dependency).join("\n")}</dependencies></project>`
  return installDebian(base, ["maven"])
    .withNewFile("/libraries/pom.xml", project)
    .withWorkdir("/libraries")
    .withExec([
      "mvn",
      "-B",
      "-q",
      "dependency:copy-dependencies",
      "-DincludeScope=runtime",
      "-DoutputDirectory=jars",
    ])
    .directory("jars")
}
