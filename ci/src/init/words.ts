/** Options of package managers that have a value. */
const VALUED = [
  ...["-w", "--workspace", "--filter", "-F", "--prefix", "--cwd", "-C", "--dir"],
  ...["--group", "--extra", "--with", "--package", "--python", "-p", "--directory", "--project", "--from"],
]

/** Returns the words after the options that a command begins with. */
export function withoutOptions(words: readonly string[]): readonly string[] {
  const [first = "", ...others] = words
  if (VALUED.includes(first)) return withoutOptions(others.slice(1))
  return first.startsWith("-") ? withoutOptions(others) : words.filter(Boolean)
}
