import { folderOf } from "../project/manifest.js"
import type { Finding } from "../run/result.js"
import { argumentsOf, objectOf } from "./expressions.js"
import type { Block } from "./hcl.js"
import { isTagged } from "./resources.js"
import { closure, type Source } from "./roots.js"

/** The tags of an expression, as far as the configuration tells. */
interface Tags {
  readonly names: ReadonlySet<string>
  /** False if a variable or another module's output adds more, which only the plan knows. */
  readonly all: boolean
}

const NONE: Tags = { names: new Set(), all: true }
const UNKNOWN: Tags = { names: new Set(), all: false }

const join = (tags: readonly Tags[]): Tags => ({
  names: new Set(tags.flatMap(({ names }) => [...names])),
  all: tags.every(({ all }) => all),
})

/** @param locals the local values of the folder that the expression stands in. */
function tagsOf(expression: string | undefined, locals: ReadonlyMap<string, string>, depth = 0): Tags {
  if (expression === undefined) return NONE
  const object = objectOf(expression)
  if (object !== null) return { names: new Set(object.keys()), all: true }
  const local = /^local\.([\w-]+)$/.exec(expression)?.[1]
  const named = local === undefined ? undefined : locals.get(local)
  if (named !== undefined && depth < 10) return tagsOf(named, locals, depth + 1)
  const merged = /^merge\(([\s\S]*)\)$/.exec(expression)?.[1]
  if (merged === undefined) return UNKNOWN
  return join(argumentsOf(merged).map((one) => tagsOf(one, locals, depth + 1)))
}

const localsOf = (folder: string, sources: readonly Source[]): ReadonlyMap<string, string> =>
  new Map(
    blocksOf(folder, sources, "locals").flatMap(({ block }) =>
      [...block.attributes].map(([name, { expression }]) => [name, expression] as const),
    ),
  )

const blocksOf = (folder: string, sources: readonly Source[], type: string) =>
  sources
    .filter(({ file }) => folderOf(file) === folder)
    .flatMap(({ file, body }) =>
      body.blocks.filter((block) => block.type === type).map((block) => ({ file, block })),
    )

/** Returns the default tags of a root's AWS provider; of several, the fewest. */
function defaultTags(root: string, sources: readonly Source[]): Tags {
  const locals = localsOf(root, sources)
  const providers = blocksOf(root, sources, "provider").filter(({ block }) => block.labels[0] === "aws")
  const each = providers.map(({ block }) =>
    join(
      block.blocks
        .filter(({ type }) => type === "default_tags")
        .map(({ attributes }) => tagsOf(attributes.get("tags")?.expression, locals)),
    ),
  )
  const [first = NONE, ...others] = each
  return others.reduce<Tags>(
    (least, { names, all }) => ({
      names: new Set([...least.names].filter((name) => names.has(name))),
      all: least.all && all,
    }),
    first,
  )
}

/** Checked resources, and the tags they lack. */
export interface TagFindings {
  readonly findings: readonly Finding[]
  /** Resources that cost money. */
  readonly resources: number
  /** Of these, resources whose tags only a plan knows. */
  readonly undecided: number
}

/** Resources with costs that lack a required tag, by the configuration of a root and its modules alone. */
export function missingTags(
  root: string,
  sources: readonly Source[],
  required: readonly string[],
): TagFindings {
  const given = defaultTags(root, sources)
  const costly = closure(root, sources).flatMap((folder) => {
    const locals = localsOf(folder, sources)
    return blocksOf(folder, sources, "resource")
      .filter(({ block }) => isTagged(block.labels[0] ?? ""))
      .map((place) => ({ ...place, tags: join([given, own(place.block, locals)]) }))
  })
  const judged = costly.map((one) => ({ ...one, lacks: required.filter((tag) => !one.tags.names.has(tag)) }))
  return {
    resources: costly.length,
    undecided: judged.filter(({ lacks, tags }) => lacks.length > 0 && !tags.all).length,
    findings: judged
      .filter(({ lacks, tags }) => lacks.length > 0 && tags.all)
      .map(({ file, block, lacks }) => ({
        rule: "terraform-required-tag",
        severity: "high",
        message: `${block.labels.join(".")} lacks the tag${lacks.length === 1 ? "" : "s"} ${lacks.join(", ")}`,
        file,
        line: block.line,
      })),
  }
}

const own = (block: Block, locals: ReadonlyMap<string, string>): Tags =>
  tagsOf(block.attributes.get("tags")?.expression, locals)
