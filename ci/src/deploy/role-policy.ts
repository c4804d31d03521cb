import { Fault } from "../run/fault.js"

/** The values that `${…}` in a policy's file stands for. */
export type PolicyValues = Readonly<Record<string, string>>

/** `${name}`; `$${…}` is a policy variable of IAM, escaped as Terraform's templates have it. */
const PLACEHOLDER = /(\$?)\$\{([^}]*)\}/g

/**
 * Returns the IAM policy of a file, with its placeholders filled in as Terraform's `templatefile` does.
 *
 * @throws {Fault} `configuration` for an unknown placeholder, or text that is not JSON.
 */
export function rolePolicy(text: string, file: string, values: PolicyValues): object {
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
    const policy: unknown = JSON.parse(filled)
    if (typeof policy === "object" && policy !== null) return policy
  } catch {
    // Reported below, with the file's name.
  }
  throw wrong("the policy is not JSON", file, "write it as IAM has it: Version and Statement")
}

const wrong = (what: string, where: string, fix: string): Fault =>
  new Fault("configuration", { what, where, fix })
