import * as fs from "node:fs"
import * as path from "node:path"
import type { Client, Container } from "@dagger.io/dagger"
import { inQuotes } from "../ci/src/run/command.js"
import { goModule } from "./go-program.js"
import type { GoPython } from "./recipes/index.js"

/** A Go module that embeds relocatable builds of CPython, a version of the module each. */
const MODULE = "github.com/kluctl/go-embed-python"

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" }

/** A file of the module, as its `files.json` describes it. */
interface Packed {
  readonly name: string
  readonly compressed?: boolean
  readonly symlink?: string
}

/** The commands that turn the module's files into those of a Python below the working directory. */
export function unpackScript(files: readonly Packed[]): string {
  return [
    "set -e",
    "cp -r /packed/. . && rm files.json && chmod -R u+w,a+rX .",
    ...files
      .flatMap(({ name, compressed }) => (compressed ? [inQuotes(`${name}.gz`)] : []))
      .map((file) => `gunzip ${file}`),
    // The module's pip commands lead to a package that it does not have.
    "rm -f bin/pip* lib/python3.*/EXTERNALLY-MANAGED && chmod 755 bin/*",
    ...files.flatMap(({ name, symlink }) =>
      symlink === undefined ? [] : [`ln -sf ${inQuotes(symlink)} ${inQuotes(name)}`],
    ),
    // It was built with clang, and would build packages with it: Debian's compiler is what the official image has.
    "sed -i -E 's#/tools/llvm/bin/llvm-##g; s#\\bclang\\+\\+#g++#g; s#\\bclang\\b#gcc#g' lib/python3.*/_sysconfig* lib/python3.*/config-*/Makefile",
    "find . -type f -name '*.so*' -exec strip --strip-debug {} +",
  ].join("\n")
}

/** What `python -m venv` calls: installs the packages that lie beside it. */
const ENSUREPIP = `import pathlib
import runpy
import sys

wheels = pathlib.Path(__file__).parent / "_bundled"
sys.path.insert(0, str(next(wheels.glob("pip-*.whl"))))
names = [wheel.name.split("-")[0] for wheel in wheels.glob("*.whl")]
options = ["--quiet", "--no-index", "--no-cache-dir", "--disable-pip-version-check", "--root-user-action=ignore"]
sys.argv = ["pip", "install", *options, "--find-links", str(wheels), *names]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
`

/**
 * Installs a release of CPython with pip, in the places of the official image.
 *
 * @param builder the image with binutils and pip.
 */
export function installPython(
  base: Container,
  builder: Container,
  dag: Client,
  { release, sum }: GoPython,
): Container {
  const data = path.join(
    goModule(MODULE, `v0.0.0-${release}`, sum),
    "python/internal/data",
    `linux-${ARCHITECTURES[process.arch] ?? process.arch}`,
  )
  const { files }: { files: readonly Packed[] } = JSON.parse(
    fs.readFileSync(path.join(data, "files.json"), "utf8"),
  )
  const version = release.split("-")[0] ?? ""
  const [, minor = ""] = /^(3\.\d+)/.exec(version) ?? []
  const ensurepip = `lib/python${minor}/ensurepip`
  // Until 3.11, the official images have setuptools as well.
  const packages = Number(minor.slice(2)) < 12 ? "pip setuptools" : "pip"
  const made = builder
    .withMountedDirectory("/packed", dag.host().directory(data))
    .withWorkdir("/python")
    .withNewFile("/unpack.sh", unpackScript(files))
    .withExec(["sh", "/unpack.sh"])
    .withExec([
      "sh",
      "-c",
      `pip download --quiet --no-deps --only-binary=:all: --python-version ${minor} --dest ${ensurepip}/_bundled ${packages}`,
    ])
    .withNewFile(`${ensurepip}/__init__.py`, "")
    .withNewFile(`${ensurepip}/__main__.py`, ENSUREPIP)
    .directory("/python")
  return base
    .withDirectory("/usr/local", made)
    .withExec(["sh", "-c", "ldconfig && python3 -m ensurepip && ln -sf pip3 /usr/local/bin/pip"])
    .withEnvVariable("PYTHON_VERSION", version)
}
