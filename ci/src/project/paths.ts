/** Paths of a repository: relative, with `/`, and "" for the repository itself. */

/** Returns the path of a file or folder in a folder. */
export const joinPath = (folder: string, path: string): string =>
  [folder, path].filter((part) => part !== "").join("/")

/** Returns the last part of a path; of a package's name, the name without its scope. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1)
