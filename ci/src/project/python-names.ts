/** Names of Python packages. */

/** Returns the normal form of a requirement's name, https://packaging.python.org/en/latest/specifications/name-normalization/ */
export const nameOf = (requirement: string): string =>
  (/^[A-Za-z0-9._-]+/.exec(requirement)?.[0] ?? "").toLowerCase().replace(/[-_.]+/g, "-")

/**
 * Returns the names in requirements, in their normal form.
 *
 * @param names names in their normal form already.
 */
export const dependencyNames = (
  requirements: readonly string[],
  names: readonly string[] = [],
): readonly string[] => [...new Set([...requirements.map(nameOf), ...names])].sort()
