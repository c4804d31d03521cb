import { isRecord } from "../../formats/json.js"
import { scalar } from "./values.js"

/** A port of a service. */
export interface Port {
  /** On localhost; null where compose takes a free one. */
  readonly published: number | null
  readonly target: number
}

/** Reads a port of a compose file or a workflow: `5432`, `5432:5432`, `127.0.0.1:5432:5432/tcp`, ranges, and the long form. */
export function publishedPorts(value: unknown): readonly Port[] {
  if (isRecord(value)) {
    const [target, published] = [Number(scalar(value.target)), Number(scalar(value.published) ?? Number.NaN)]
    return value.protocol === "udp" || !Number.isInteger(target)
      ? []
      : [{ target, published: Number.isInteger(published) ? published : null }]
  }
  const text = scalar(value) ?? ""
  if (text.endsWith("/udp")) return []
  const [target = "", published = ""] = text
    .replace(/\/tcp$/, "")
    .split(":")
    .toReversed()
  const targets = rangeOf(target)
  const here = rangeOf(published)
  return targets.map((each, i) => ({ target: each, published: here[i] ?? null }))
}

function rangeOf(text: string): readonly number[] {
  const { from, to = from } = /^(?<from>\d+)(?:-(?<to>\d+))?$/.exec(text)?.groups ?? {}
  if (from === undefined) return []
  return Array.from({ length: Math.min(Number(to) - Number(from) + 1, 50) }, (_, i) => Number(from) + i)
}
