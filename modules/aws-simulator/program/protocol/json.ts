/** AWS JSON 1.0 and 1.1: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
import type { AwsError } from "../error.ts"
import { type Fields, isFields } from "../fields.ts"

/** Converts dates to seconds since the epoch, and leaves out members without a value. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000
  if (Array.isArray(value)) return value.map(plain)
  if (!isFields(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null && member !== undefined)
      .map(([name, member]) => [name, plain(member)]),
  )
}

/** Writes the body of an answer in AWS's JSON protocol. */
export const toJson = (output: Fields): string => JSON.stringify(plain(output))

/** Reads the body of a request; empty for no body. @throws SyntaxError for text that is no JSON. */
export function fromJson(body: string): Fields {
  const parsed: unknown = body === "" ? {} : JSON.parse(body)
  return isFields(parsed) ? parsed : {}
}

/** `__type` is the name of the SDK's exception. */
export const errorJson = ({ code, message }: AwsError): string => JSON.stringify({ __type: code, message })
