import { INSTALLED } from "../manifest.js"
import type { Tree } from "../project.js"
import { readCompose } from "./compose.js"
import type { Declared, Technology } from "./found.js"
import { TECHNOLOGIES } from "./technologies.js"
import { readEnvFile } from "./values.js"
import { readWorkflow } from "./workflows.js"

const COMPOSE = /(?:^|\/)(?:docker-)?compose(?:[.-][\w-]+)*\.ya?ml$/
const OVERRIDE = /(^|\/)((?:docker-)?compose)(?:\.override)\.ya?ml$/
const ENV = /(?:^|\/)(?:\.env(?:\.[\w.-]+)?|[\w.-]+\.env(?:\.[\w-]+)?)$/
const WORKFLOW = /^\.github\/workflows\/[^/]+\.ya?ml$/
const SCHEMA = /(?:^|\/)[\w-]+\.prisma$/

/** Each file is a question to the engine: a repository with more of a kind keeps examples. */
const LIMIT = 60

/** Reads compose files, env files and database schemas of a project. What is broken is named, and fails nothing. */
export async function readDeclared(tree: Tree): Promise<Declared> {
  const own = tree.files.filter((file) => !INSTALLED.test(file))
  const some = async (pattern: RegExp) => {
    const paths = own.filter((file) => pattern.test(file)).toSorted((a, b) => depth(a) - depth(b))
    return Promise.all(paths.slice(0, LIMIT).map(async (path) => [path, await tree.read(path)] as const))
  }
  const [composeFiles, envFiles, schemas, workflows] = await Promise.all(
    [COMPOSE, ENV, SCHEMA, WORKFLOW].map(some),
  )
  const env = Object.fromEntries((envFiles ?? []).map(([path, text]) => [path, readEnvFile(text)]))
  const texts = new Map(composeFiles)
  const files = [...texts].filter(([path]) => !OVERRIDE.test(path))
  const read = files.map(([path, text]) => {
    const over = path.replace(/\.(ya?ml)$/, ".override.$1")
    return [path, readCompose(path, text, { files: own, env }, texts.get(over))] as const
  })
  return {
    compose: Object.fromEntries(read.flatMap(([path, one]) => (one === null ? [] : [[path, one]]))),
    env,
    schemas: Object.fromEntries(
      (schemas ?? []).flatMap(([path, text]) => {
        const found = providerOf(text)
        return found ? [[path, found]] : []
      }),
    ),
    jobs: (workflows ?? []).flatMap(([path, text]) => readWorkflow(path, text)),
    unreadable: read.flatMap(([path, one]) => (one === null ? [path] : [])),
  }
}

const depth = (path: string) => path.split("/").length

/** The database of a Prisma schema: `provider = "mysql"` in its datasource. */
function providerOf(text: string): Technology | undefined {
  const provider = /datasource\s+\w+\s*\{[^}]*\bprovider\s*=\s*"(\w+)"/.exec(text)?.[1] ?? ""
  return TECHNOLOGIES.find(({ scheme }) => scheme.test(provider))
}
