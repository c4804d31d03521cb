import type { Directory } from "@dagger.io/dagger"
import * as z from "zod/mini"
import { Fault } from "../run/fault.js"

/** The values that `${…}` in a file stands for. */
type Values = Readonly<Record<string, string>>

/** `${name}`; `$${…}` is a literal `${…}`, as in Terraform's templates: a policy variable of IAM, for example. */
const PLACEHOLDER = /(\$?)\$\{([^}]*)\}/g

/**
 * Parses a JSON file with placeholders, filled in as Terraform's `templatefile` does.
 *
 * @throws {Fault} `configuration` for an unknown placeholder, or text that is not JSON.
 */
export function filledJson(text: string, file: string, values: Values): object {
  const filled = text.replace(PLACEHOLDER, (all, escaped: string, name: string) => {
    if (escaped !== "") return all.slice(1)
    if (Object.hasOwn(values, name)) return values[name] ?? ""
    throw wrong(
      `unknown placeholder ${all}`,
      file,
      `use ${Object.keys(values)
        .map((known) => `\${${known}}`)
        .join(", ")}`,
    )
  })
  try {
    const parsed: unknown = JSON.parse(filled)
    if (typeof parsed === "object" && parsed !== null) return parsed
  } catch {
    // Reported below, with the file's name.
  }
  throw wrong("the file is not a JSON object", file, "write it as AWS's API has it")
}

const placeSchema = () =>
  z.looseObject({
    account: z._default(z.string(), ""),
    region: z._default(z.string(), ""),
    cluster: z._default(z.string(), ""),
    state: z._default(
      z.looseObject({ bucket: z._default(z.string(), ""), prefix: z._default(z.string(), "slipway") }),
      { bucket: "", prefix: "slipway" },
    ),
  })

/** Returns what placeholders stand for in files of an environment. */
function valuesOf(environment: object, name: string): Values {
  const place = placeSchema().safeParse(environment, { jitless: true })
  if (!place.success) return { environment: name }
  const { account, region, cluster, state } = place.data
  return { account, region, cluster, environment: name, bucket: state.bucket, prefix: state.prefix }
}

interface Named {
  readonly environment: object
  /** The environment's name. */
  readonly name: string
  readonly file: string
}

/**
 * Reads a JSON file that an environment names.
 *
 * @throws {Fault} `configuration` for a missing or wrong file.
 */
export async function readFilled(source: Directory, { environment, name, file }: Named): Promise<object> {
  const text = await source
    .file(file)
    .contents()
    .catch(() => null)
  if (text === null)
    throw wrong(
      `no file ${file}`,
      `environments.${name} in slipway.yaml`,
      "correct the path, or commit the file",
    )
  return filledJson(text, file, valuesOf(environment, name))
}

const servicesSchema = () =>
  z.looseObject({ services: z.array(z.looseObject({ taskDefinition: z.optional(z.unknown()) })) })
const fileSchema = () => z.object({ file: z.string() })

/** Returns the contents of the files that services name as `taskDefinition`, by path. */
export async function definitionFiles(
  source: Directory,
  environment: object,
  name: string,
): Promise<Readonly<Record<string, object>>> {
  const read = servicesSchema().safeParse(environment, { jitless: true })
  const files = (read.success ? read.data.services : []).flatMap(({ taskDefinition }) => {
    const named = fileSchema().safeParse(taskDefinition, { jitless: true })
    return named.success ? [named.data.file] : []
  })
  const entries = files.map(
    async (file) => [file, await readFilled(source, { environment, name, file })] as const,
  )
  return Object.fromEntries(await Promise.all(entries))
}

const wrong = (what: string, where: string, fix: string): Fault =>
  new Fault("configuration", { what, where, fix })
