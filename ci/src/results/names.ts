/** The folder of a store that holds contents of binary files, by digest. */
const BLOBS = "blobs"

/** The path of a digest's content in a store. */
export const blobPath = (digest: string): string => `${BLOBS}/${digest.replace("sha256:", "")}`

/** The path of a record in a store. */
export const recordPath = (key: string): string => `${key}.json`

/** The folder of the evidence that holds new records, until somebody with the key signs them. */
export const UNSIGNED = "unsigned-results"
