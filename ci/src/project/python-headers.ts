/**
 * A compiler that looks for Python's headers where the official image has them. Only the images that the embedded engine
 * makes of some versions have none.
 */
const SEARCHED = /-I\/usr\/local\/include\/python(3\.\d+)/
const MISSING = /\bPython\.h: No such file or directory/

/** Returns why a package cannot be built, where a log says that this engine's Python has no headers; null for other logs. */
export function headersMissing(log: string): string | null {
  const version = MISSING.test(log) ? SEARCHED.exec(log)?.[1] : undefined
  return version === undefined
    ? null
    : `this engine's image of Python ${version} has no headers (Python.h), and a package without a wheel is built with them. Use an engine that pulls the image itself`
}
