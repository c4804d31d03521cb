/**
 * `node install.mjs`, in a folder with a module's package.json and lock file and nothing else: installs what the
 * module needs at run time, with the package manager that the stock SDK would take.
 */
import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import { readManifest } from "./files.js"
import { NODE_MODULES } from "./paths.js"

/** The TypeScript that lies in the SDK: a module that wants just this needs no installation. */
const TYPESCRIPT: string = JSON.parse(
  fs.readFileSync(`${NODE_MODULES}/typescript/package.json`, "utf8"),
).version

const NETWORK = [
  "--fetch-timeout=60000",
  "--fetch-retries=3",
  "--no-audit",
  "--no-fund",
  "--no-update-notifier",
]

/** By the lock file: the version that the stock SDK takes unless package.json names one, and its arguments. */
const MANAGERS = [
  { name: "npm", lock: "package-lock.json", version: null, install: ["install", "--omit=dev", ...NETWORK] },
  {
    name: "yarn",
    lock: "yarn.lock",
    version: "1.22.22",
    install: ["install", "--prod", "--network-timeout", "60000"],
  },
  {
    name: "pnpm",
    lock: "pnpm-lock.yaml",
    version: "8.15.4",
    install: ["install", "--shamefully-hoist=true", "--prod"],
  },
] as const

const manifest = readManifest(".")
const [runtime = "node"] = manifest.dagger?.runtime?.split("@") ?? []
const other =
  runtime !== "node" ? runtime : ["bun.lock", "bun.lockb", "deno.json"].find((file) => fs.existsSync(file))
const { "@dagger.io/dagger": _, ...dependencies } = manifest.dependencies ?? {}
const ownTypescript = dependencies.typescript !== undefined && dependencies.typescript !== TYPESCRIPT

fs.mkdirSync("node_modules", { recursive: true })
if (other)
  refuse(`this module asks for another runtime than Node (${other}); the embedded engine has Node only`)
if (manifest.dagger?.baseImage)
  refuse("this module names a base image; the embedded engine runs modules on its own")
if (ownTypescript || Object.keys(dependencies).some((name) => name !== "typescript")) install()
if (!fs.existsSync("node_modules/typescript"))
  fs.symlinkSync(`${NODE_MODULES}/typescript`, "node_modules/typescript")

function install(): void {
  const named = manifest.packageManager?.split("@")
  const manager = named
    ? MANAGERS.find(({ name }) => name === named[0])
    : (MANAGERS.find(({ lock }) => fs.existsSync(lock)) ?? MANAGERS[0])
  if (!manager)
    refuse(`this module's package.json names an unknown package manager: ${manifest.packageManager}`)
  // The library is not a package here: it is made for the module.
  fs.writeFileSync("package.json", JSON.stringify({ ...manifest, dependencies }))
  const command = `${NODE_MODULES}/npm/bin/npm-cli.js`
  const foreign = `${manager.name}@${named?.[1]?.split("+")[0] ?? manager.version}`
  const args = manager.version
    ? ["exec", "--yes", ...NETWORK, "--", foreign, ...manager.install]
    : manager.install
  execFileSync(process.execPath, [command, ...args], { stdio: "inherit", timeout: 600_000 })
}

function refuse(reason: string): never {
  console.error(reason)
  process.exit(1)
}
