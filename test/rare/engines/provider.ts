import { execFile } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { promisify } from "node:util"
import type { Block } from "../../../ci/src/terraform/hcl.js"

/** The arguments of a block: by name, whether it must be there, and of a nested block the name of its own. */
type Arguments = ReadonlyMap<string, { readonly needed: boolean; readonly type: string }>

/** Finds the arguments of a resource or a data source (`launch-template`, `data-aws-ssm-parameter`), by type. */
type Provider = (name: string) => ReadonlyMap<string, Arguments>

/** Types that were generated from the schema of Terraform's AWS provider 6.25: the provider itself takes an hour to build. */
const TYPES = "@cdktf/provider-aws@21.22.1"

/** Downloads what the AWS provider knows of the resources and data sources among some blocks. */
export async function providerFor(folder: string, blocks: readonly Block[]): Promise<Provider> {
  const run = async (command: string, ...words: readonly string[]) =>
    (await promisify(execFile)(command, words, { cwd: folder })).stdout.trim()
  const archive = await run("npm", "pack", "--silent", TYPES)
  const fileOf = (name: string) => `package/lib/${name}/index.d.ts`
  await run("tar", "-xzf", archive, ...new Set(blocks.flatMap(nameOf).map(fileOf)))
  return (name) => typesIn(fs.readFileSync(path.join(folder, fileOf(name)), "utf8"))
}

/** The name of a block's resource or data source among the types: `launch-template`, `data-aws-ssm-parameter`. */
function nameOf({ type, labels: [label = ""] }: Block): readonly string[] {
  const name = label.replace(/^aws_/, "").replaceAll("_", "-")
  if (type === "resource") return [name]
  return type === "data" ? [`data-aws-${name}`] : []
}

/** Reads the interfaces of a declaration file. */
function typesIn(text: string): ReadonlyMap<string, Arguments> {
  const interfaces = text.matchAll(/^export interface (\w+)[^{\n]*\{\n([\s\S]*?)^\}/gm)
  return new Map(
    [...interfaces].map(([, name = "", body = ""]) => {
      const members = body.matchAll(/^ {4}readonly (\w+)(\??): (\w*)/gm)
      return [
        name,
        new Map(
          [...members].map(([, member = "", mark, type = ""]) => [member, { needed: mark === "", type }]),
        ),
      ]
    }),
  )
}

/** What any block takes. */
const META = ["count", "dependsOn", "forEach", "lifecycle", "provider"]

/** Returns the arguments that the provider does not know, or misses, in resources and data sources. */
export const unknownArguments = (blocks: readonly Block[], provider: Provider): readonly string[] =>
  blocks.flatMap((block) =>
    nameOf(block).flatMap((name) => {
      const config = `${camel(`_${name.replaceAll("-", "_")}`)}Config`
      return differences(block, config, provider(name)).map((what) => `${block.labels.join(".")}: ${what}`)
    }),
  )

function differences(block: Block, type: string, types: ReadonlyMap<string, Arguments>): readonly string[] {
  const known = types.get(type)
  if (!known) return [`no type ${type}`]
  const names = [...block.attributes.keys(), ...block.blocks.map((inner) => inner.type)].map(camel)
  return [
    ...names.filter((name) => !known.has(name) && !META.includes(name)).map((name) => `unknown: ${name}`),
    ...[...known]
      .filter(([name, { needed }]) => needed && !names.includes(name))
      .map(([name]) => `missing: ${name}`),
    ...block.blocks.flatMap((inner) => differences(inner, known.get(camel(inner.type))?.type ?? "", types)),
  ]
}

/** `http_tokens` is `httpTokens` there. */
const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
