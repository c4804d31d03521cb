/** AWS Query, and EC2's variant: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
import type { AwsError } from "../error.ts"
import type { Fields } from "../fields.ts"
import { type ElementNames, toXml } from "./xml.ts"

type Tree = { [key: string]: Tree | string }

function plant(tree: Tree, path: readonly string[], value: string): Tree {
  const [head = "", ...rest] = path
  const below = tree[head]
  const branch = typeof below === "object" ? below : {}
  return { ...tree, [head]: rest.length === 0 ? value : plant(branch, rest, value) }
}

/** Returns whether the keys are list indexes: `Filters.member.1`, `Filters.Filter.1` or EC2's `SubnetId.1`. */
const isCounted = (tree: Tree): boolean =>
  Object.keys(tree).length > 0 && Object.keys(tree).every((key) => /^\d+$/.test(key))

/** Converts lists to arrays, whatever the name of their elements. */
function gathered(tree: Tree | string): unknown {
  if (typeof tree === "string") return tree
  if (isCounted(tree)) {
    return Object.entries(tree)
      .toSorted(([left], [right]) => Number(left) - Number(right))
      .map(([, value]) => gathered(value))
  }
  const [only, ...others] = Object.values(tree)
  if (others.length === 0 && typeof only === "object" && isCounted(only)) return gathered(only)
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, gathered(value)]))
}

/** Converts form fields such as `Tags.member.1.Key` to nested members. */
export function fromForm(body: string): Fields {
  const tree = [...new URLSearchParams(body)].reduce<Tree>(
    (so, [key, value]) => plant(so, key.split("."), value),
    {},
  )
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, gathered(value)]))
}

/** How a service differs from others in the query protocol. */
export interface QueryStyle {
  readonly namespace: string
  readonly elements: ElementNames
  /** EC2 has no wrapper element around the result. */
  readonly flat: boolean
}

/** Writes the body of an answer in AWS's query protocol. */
export function toQueryXml(operation: string, output: Fields, style: QueryStyle, requestId: string): string {
  const result = toXml(output, style.elements)
  const body = style.flat
    ? `<requestId>${requestId}</requestId>${result}`
    : `<${operation}Result>${result}</${operation}Result><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`
  return `<${operation}Response xmlns="${style.namespace}">${body}</${operation}Response>`
}

/** Writes the body of an error in AWS's query protocol; `flat` as in {@link QueryStyle}. */
export function errorXml(error: AwsError, flat: boolean, requestId: string): string {
  const { code: Code, message: Message } = error
  const Type = error.status >= 500 ? "Receiver" : "Sender"
  return flat
    ? `<Response><Errors><Error>${toXml({ Code, Message })}</Error></Errors><RequestID>${requestId}</RequestID></Response>`
    : `<ErrorResponse><Error>${toXml({ Type, Code, Message })}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`
}
