import { readYaml } from "../../config/yaml-position.js"
import { isRecord, type JsonRecord, recordOf, textsOf } from "../../formats/json.js"
import { anyOf, either } from "../../formats/pattern.js"
import { folderOf, textsWithin } from "../manifest.js"
import { pathFrom } from "../paths.js"
import type { Tree } from "../project.js"
import { bakeTargets } from "./bake.js"
import { defaultFile } from "./names.js"

/** A build of an image that the team's own files name. `*` stands for what only a run of theirs knows. */
export interface DeclaredBuild {
  readonly file: string
  readonly context: string
  readonly args: Readonly<Record<string, string>>
  /** The stage that it builds, or null for the last. */
  readonly target: string | null
  /** The port that its program listens on, or null where nobody says. */
  readonly port: number | null
  /** The file that names it: `compose.yaml`. */
  readonly source: string
}

const COMPOSE = /(?:^|\/)(?:docker-)?compose[\w.-]*\.ya?ml$/i
const PIPELINES = anyOf([
  /^\.(?:github\/workflows|buildkite)\/[^/]+\.ya?ml$/,
  /^\.(?:gitlab-ci|circleci\/config)\.ya?ml$/,
  /^(?:(?:azure|bitbucket)-pipelines|buildspec)\.ya?ml$/,
])
const BAKE = /(?:^|\/)docker-bake(?:\.override)?\.hcl$/
const SCRIPTS = /(?:^|\/)(?:package\.json|Makefile|makefile|justfile|Taskfile\.ya?ml)$/

/** How many files are read at most, those nearest to the root first. */
const MOST = 40

/** Returns the builds of images that compose files, workflows, scripts and makefiles name, workflows' first. */
export async function declaredBuilds(tree: Tree): Promise<readonly DeclaredBuild[]> {
  const found = [PIPELINES, COMPOSE, BAKE, SCRIPTS].flatMap((pattern) =>
    tree.files
      .filter((file) => pattern.test(file) && !/(?:^|\/)node_modules\//.test(file))
      .sort((a, b) => a.split("/").length - b.split("/").length),
  )
  const builds = await Promise.all(
    found.slice(0, MOST).map(async (source) => {
      const text = await tree.read(source)
      if (COMPOSE.test(source)) return composeBuilds(source, text)
      if (BAKE.test(source))
        return bakeTargets(text).flatMap((target) =>
          build(source, folderOf(source), "context", { ...target, args: {} }),
        )
      if (!/docker|podman|buildah|buildx/i.test(text)) return []
      // Workflows run in the repository's folder, scripts in their own.
      if (!PIPELINES.test(source)) return commandBuilds(source, text, folderOf(source))
      const { value } = readYaml(text)
      return [...actionBuilds(source, value), ...commandBuilds(source, textsWithin(value).join("\n"), "")]
    }),
  )
  return builds.flat()
}

/** As {@link pathFrom}; an absolute path begins at the repository. */
const within = (folder: string, path: string): string | null =>
  pathFrom(path.startsWith("/") ? "" : folder, path)

/** Variables with a default have that; what only a run knows may be anything. */
const wild = (text: string): string =>
  text
    .replace(
      /\$\{\{\s*(?:github\.workspace|env\.GITHUB_WORKSPACE)\s*\}\}|\$\{?(?:GITHUB_WORKSPACE|CI_PROJECT_DIR|PWD)\}?|\$\(pwd\)/g,
      ".",
    )
    .replace(/\$\{\w+:?-([^}]*)\}/g, "$1")
    .replace(/\$\{\{.*?\}\}|\$\{[^}]*\}|\$\([^)]*\)|\$\w+/g, "*")

interface Described {
  readonly context: string
  readonly file: string | null
  readonly args: Readonly<Record<string, string>>
  readonly target: string | null
  readonly port?: number | null
}

/** @param fileIn where the path of the Dockerfile begins: in the context for compose, in the folder for commands. */
function build(
  source: string,
  folder: string,
  fileIn: "context" | "folder",
  described: Described,
): readonly DeclaredBuild[] {
  const context = within(folder, wild(described.context))
  if (context === null || /^[a-z]+:\/\/|^git@/.test(described.context)) return []
  const named = described.file === null ? null : wild(described.file)
  const start = fileIn === "context" ? context : folder
  const file = named === null ? defaultFile(context) : within(start, named)
  const args = Object.entries(described.args).filter(([, value]) => !value.includes("$"))
  return file === null
    ? []
    : [{ ...described, file, context, args: Object.fromEntries(args), port: described.port ?? null, source }]
}

const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null)

function pairs(value: unknown): Readonly<Record<string, string>> {
  const lines = typeof value === "string" ? value.split("\n") : textsOf(value)
  if (isRecord(value))
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, each]) =>
        typeof each === "string" || typeof each === "number" ? [[name, String(each)]] : [],
      ),
    )
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name, text] = /^\s*([A-Za-z_]\w*)=(.*?)\s*$/.exec(line) ?? []
      return name === undefined ? [] : [[name, text ?? ""]]
    }),
  )
}

/** @see https://docs.docker.com/reference/compose-file/build/ */
function composeBuilds(source: string, text: string): readonly DeclaredBuild[] {
  const services = Object.values(recordOf(recordOf(readYaml(text).value).services)).map(recordOf)
  return services.flatMap((service) => {
    const { build: described } = service
    const { context, dockerfile, args, target } = isRecord(described) ? described : { context: described }
    if (described === undefined || described === null) return []
    return build(source, folderOf(source), "context", {
      context: textOf(context) ?? ".",
      file: textOf(dockerfile),
      args: pairs(args),
      target: textOf(target),
      port: portOf(service),
    })
  })
}

/** The port inside of a service: of `ports`, of `expose`, or of its variable PORT. */
function portOf({ ports, expose, environment }: JsonRecord): number | null {
  const listed = [...listOf(ports), ...listOf(expose)].map((one) =>
    isRecord(one) ? String(one.target) : wild(String(one)).replace(/\/tcp$/, ""),
  )
  const words = [...listed, pairs(environment).PORT ?? ""].map((one) => one.split(":").at(-1) ?? "")
  const port = words.find((word) => /^\d{1,5}$/.test(word))
  return port === undefined ? null : Number(port)
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** All maps in a value. */
function recordsIn(value: unknown): readonly JsonRecord[] {
  if (Array.isArray(value)) return value.flatMap(recordsIn)
  return isRecord(value) ? [value, ...Object.values(value).flatMap(recordsIn)] : []
}

/** Steps that build an image by an action of GitHub or a task of Azure, by the names of their settings. */
function actionBuilds(source: string, workflow: unknown): readonly DeclaredBuild[] {
  return recordsIn(workflow).flatMap((step) => {
    const settings = recordOf(step.with)
    if (textOf(step.uses)?.startsWith("docker/build-push-action@"))
      return build(source, "", "folder", {
        context: textOf(settings.context) ?? ".",
        file: textOf(settings.file),
        args: pairs(settings["build-args"]),
        target: textOf(settings.target),
      })
    const inputs = recordOf(step.inputs)
    if (!textOf(step.task)?.startsWith("Docker@")) return []
    const file = textOf(inputs.Dockerfile) ?? textOf(inputs.dockerfile)
    const context = textOf(inputs.buildContext) ?? (file === null ? "." : folderOf(file) || ".")
    return build(source, "", "folder", { context, file, args: {}, target: null })
  })
}

const COMMAND = anyOf(
  [
    /(?:cd\s+(?<folder>[^\s&;|]+)\s*&&\s*)?\b(?:docker|podman|nerdctl)\s+(?:image\s+|buildx\s+)?build\s+(?<rest>[^\n;&|]+)/,
    /\bbuildah\s+(?:bud|build)\s+(?<bud>[^\n;&|]+)/,
  ],
  "g",
)

/** Options of a build that stand alone. */
const BARE = new RegExp(
  `^(?:--(?:${either("no-cache pull push load quiet rm force-rm squash compress debug layers")})(?:=.*)?|-q|-D)$`,
)

/** Reads the command lines `docker build …` of any text. */
function commandBuilds(source: string, text: string, own: string): readonly DeclaredBuild[] {
  const joined = text
    .replace(/\\\s*\n\s*/g, " ")
    .replace(/\\"/g, '"')
    .replace(/\\n/g, "\n")
  return [...joined.matchAll(COMMAND)].flatMap(({ groups = {} }) => {
    const words = (groups.rest ?? groups.bud ?? "").match(/(?:"[^"]*"|'[^']*'|\$\{\{.*?\}\}|[^\s"'])+/g) ?? []
    const described = optionsOf(words.map((word) => word.replace(/^(["'])(.*)\1$/, "$2")))
    const folder = within(own, wild(groups.folder ?? "."))
    return described === null || folder === null ? [] : build(source, folder, "folder", described)
  })
}

/** Options that tell what is built, by the kind of their values. */
const TELLS: Readonly<Record<string, "file" | "arg" | "target">> = {
  "-f": "file",
  "--file": "file",
  "--build-arg": "arg",
  "--target": "target",
}

function optionsOf(words: readonly string[]): Described | null {
  const told: Record<"place" | "file" | "arg" | "target", string[]> = {
    place: [],
    file: [],
    arg: [],
    target: [],
  }
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ""
    if (!word.startsWith("-")) told.place.push(word)
    else if (!BARE.test(word)) {
      const [flag = "", inline] = word.startsWith("--") ? split(word) : [word, undefined]
      const value = inline ?? words[++at] ?? ""
      const kind = TELLS[flag]
      if (kind !== undefined) told[kind].push(value)
    }
  }
  const context = told.place.at(-1)?.replace(/["',]+$/, "")
  if (context === undefined) return null
  return {
    context,
    file: told.file.at(-1) ?? null,
    args: pairs(told.arg),
    target: told.target.at(-1) ?? null,
  }
}

const split = (word: string): readonly [string, string | undefined] =>
  word.includes("=")
    ? [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]
    : [word, undefined]

/** Returns the contexts that builds name for a Dockerfile, and the arguments that they give it. */
export function buildsOf(builds: readonly DeclaredBuild[], dockerfile: string): readonly DeclaredBuild[] {
  return builds.flatMap((one) => {
    const expression = one.file.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "([^/]+)")
    const match = new RegExp(`^${expression}$`, "i").exec(dockerfile)
    if (match === null) return []
    const values = match.slice(1)
    const context = one.context.replaceAll("*", () => values.shift() ?? "*")
    return context.includes("*") ? [] : [{ ...one, context }]
  })
}
