import type { Finding } from "../run/result.js"
import { literal, objectOf } from "./expressions.js"
import type { Attribute, Block } from "./hcl.js"
import type { Source } from "./roots.js"

/** Names of secrets. A longer name, such as `password_length`, is not one. */
const SECRET =
  /(^|_)(password|passwd|passphrase|secret|token|private_key|secret_key|secret_access_key|access_token|api_key|auth_token|credentials|secret_string|connection_string)$/i

/** Placeholders. */
const PLACEHOLDER = /^(?:x+|\*+|<[^>]*>|changeme|change-me|todo|placeholder|none|null)?$/i

/** An address of a secret, or a path to one. */
const ADDRESS = /^(arn:|https?:\/\/|\/|ssm:|vault:)/

const isPlain = (text: string): boolean => !PLACEHOLDER.test(text) && !ADDRESS.test(text)

/**
 * Values with the name of a secret that stand in Terraform files, and variables with such a name that Terraform is
 * not told to hide. What has the look of a token, a scan for secrets finds.
 *
 * @param values texts of variable files (`*.tfvars`), read.
 */
export function plainSecrets(sources: readonly Source[], values: readonly Source[]): readonly Finding[] {
  return [
    ...sources.flatMap(({ file, body }) => [
      ...inside(file, body).map(({ name, line }) => plain(file, name, line)),
      ...body.blocks.filter(({ type }) => type === "variable").flatMap((block) => variable(file, block)),
    ]),
    ...values.flatMap(({ file, body }) =>
      named(body.attributes).map(({ name, line }) => plain(file, name, line)),
    ),
  ]
}

interface Named {
  readonly name: string
  readonly line: number
}

function inside(file: string, block: Block): readonly Named[] {
  const below = block.blocks.flatMap((inner) => inside(file, inner))
  return /^(variable|output)$/.test(block.type) ? below : [...named(block.attributes), ...below]
}

/** Attributes with the name of a secret and a plain value, in objects as well. */
function named(attributes: ReadonlyMap<string, Attribute>): readonly Named[] {
  return [...attributes].flatMap(([name, { expression, line }]) => {
    const text = literal(expression)
    if (text !== null) return SECRET.test(name) && isPlain(text) ? [{ name, line }] : []
    return named(objectOf(expression) ?? new Map()).map((each) => ({ ...each, line: line + each.line - 1 }))
  })
}

function variable(file: string, { labels: [name = ""], attributes, line }: Block): readonly Finding[] {
  if (!SECRET.test(name)) return []
  const value = literal(attributes.get("default")?.expression ?? "")
  const hidden = /^true$/.test(attributes.get("sensitive")?.expression ?? "")
  return [
    ...(value !== null && isPlain(value) ? [plain(file, name, line)] : []),
    ...(hidden
      ? []
      : [
          {
            rule: "terraform-sensitive",
            severity: "medium" as const,
            message: `the variable ${name} looks like a secret: set sensitive = true`,
            file,
            line,
          },
        ]),
  ]
}

const plain = (file: string, name: string, line: number): Finding => ({
  rule: "terraform-plain-secret",
  severity: "high",
  message: `${name} is in plain text: read it from a secret store or a variable`,
  file,
  line,
})
