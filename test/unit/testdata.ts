import * as fs from "node:fs"

const FOLDER = new URL("../testdata/", import.meta.url)

/** The text of a sample: what a real tool wrote. */
export const sample = (file: string): string => fs.readFileSync(new URL(file, FOLDER), "utf8")
