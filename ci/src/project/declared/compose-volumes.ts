import { isRecord, type JsonRecord } from "../../formats/json.js"
import { pathFrom } from "../paths.js"
import { listOf } from "./compose-merge.js"
import { scalar } from "./values.js"

/** `from:to` */
interface Volume {
  readonly from: string
  readonly to: string
}

/** Returns the volumes of a service that have a source. */
export function volumesOf(settings: JsonRecord): readonly Volume[] {
  return listOf(settings.volumes).flatMap((each) => {
    if (isRecord(each)) {
      const [from, to] = [scalar(each.source), scalar(each.target)]
      return each.type === "bind" && from && to ? [{ from, to }] : []
    }
    const [from, to] = (scalar(each) ?? "").split(":")
    return from && to ? [{ from, to }] : []
  })
}

/**
 * Returns the files and folders of the project that a service reads. Volumes with a name, and what lies outside, are left out.
 *
 * @param folder that of its compose file.
 */
export function mountsOf(
  settings: JsonRecord,
  folder: string,
  files: readonly string[],
): Readonly<Record<string, string>> {
  const found = volumesOf(settings).flatMap(({ from, to }) => {
    const path = from.startsWith(".") ? pathFrom(folder, from) : null
    if (path === null || path === "") return []
    if (files.includes(path)) return [[to, path] as const]
    return files.some((file) => file.startsWith(`${path}/`)) ? [[to, `${path}/`] as const] : []
  })
  return Object.fromEntries(found)
}
