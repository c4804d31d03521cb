/** What is beside the records of a store: contents of files that are no text, by digest. */
export const BLOBS = "blobs"

/** The name of a digest's file among {@link BLOBS}. */
export const blobName = (digest: string): string => digest.replace("sha256:", "")

/** Where the evidence has new records, for whoever holds the key to sign them. */
export const UNSIGNED = "unsigned-results"
