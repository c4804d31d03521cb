/** The folder of a store that holds contents of binary files, by digest. */
export const BLOBS = "blobs"

/** The name of a digest's file among {@link BLOBS}. */
export const blobName = (digest: string): string => digest.replace("sha256:", "")

/** The folder of the evidence that holds new records, until somebody with the key signs them. */
export const UNSIGNED = "unsigned-results"
