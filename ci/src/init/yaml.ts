import { Document, isMap, isScalar, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml"
import type { Setting } from "./outcome.js"

/** Returns the text of a slipway.yaml: a comment at each key tells where it is from. */
export function settingsText(settings: readonly Setting[]): string {
  if (settings.length === 0) return ""
  const document = new Document()
  document.contents = mapOf(document, settings, 0)
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

/** The map of the keys at a depth of the settings' paths. */
function mapOf(document: Document, settings: readonly Setting[], depth: number): YAMLMap {
  const map = new YAMLMap()
  for (const name of new Set(settings.map(({ path }) => path[depth]))) {
    const own = settings.filter(({ path }) => path[depth] === name)
    const leaf = own.find(({ path }) => path.length === depth + 1)
    map.items.push(
      leaf === undefined
        ? new Pair(new Scalar(name), mapOf(document, own, depth + 1))
        : pairOf(document, leaf),
    )
  }
  return map
}

/** A short value has its comment behind it, a map has it above. */
function pairOf(document: Document, { path, value, from }: Setting) {
  const key = new Scalar(path.at(-1))
  const node = document.createNode(value)
  if (node instanceof YAMLSeq) node.flow = true
  if (isMap(node)) key.commentBefore = ` ${from}`
  else if (isScalar(node) || node instanceof YAMLSeq) node.comment = ` ${from}`
  return new Pair(key, node)
}
