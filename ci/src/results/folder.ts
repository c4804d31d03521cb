import type { Directory, File } from "@dagger.io/dagger"
import type { Kept } from "../run/keep.js"
import { blobPath, recordPath, UNSIGNED } from "./names.js"
import type { Reader } from "./store.js"

/** Returns new records as files of the evidence. */
export const keptFiles = (
  kept: readonly Kept[],
): readonly (readonly [path: string, content: string | File])[] =>
  kept.flatMap(({ record, blobs }) => [
    [`${UNSIGNED}/${recordPath(record.key)}`, `${JSON.stringify(record)}\n`] as const,
    ...Object.entries(blobs).map(([digest, file]) => [`${UNSIGNED}/${blobPath(digest)}`, file] as const),
  ])

/** Reads a store that is a folder. */
export async function folderReader(folder: Directory): Promise<Reader<File>> {
  const paths = new Set(await folder.glob("**"))
  const file = (path: string) => (paths.has(path) ? folder.file(path) : null)
  return {
    read: async (key) => {
      const record = file(recordPath(key))
      if (record === null) return null
      return { text: await record.contents(), blob: async (digest) => file(blobPath(digest)) }
    },
  }
}
