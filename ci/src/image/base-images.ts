/** What a Dockerfile builds on: images of registries, without those that it makes itself. */
export function baseImages(dockerfile: string, args: Readonly<Record<string, string>>): readonly string[] {
  const lines = dockerfile
    .replace(/\r\n/g, "\n")
    .replace(/^[ \t]*#.*\n?/gm, "")
    .replace(/\\[ \t]*\n/g, " ")
    .split("\n")
  const froms = lines.map((line) => FROM.exec(line)?.groups ?? {}).filter(({ image }) => image !== undefined)
  const made = new Set(froms.flatMap(({ name }) => (name ? [name.toLowerCase()] : [])))
  // Only arguments from before the first FROM count for FROM.
  const first = lines.findIndex((line) => FROM.test(line))
  const defaults = Object.fromEntries(
    lines.slice(0, first).flatMap((line) => {
      const { name, value } = ARG.exec(line)?.groups ?? {}
      return name && value !== undefined ? [[name, value.replace(/^(["'])(.*)\1$/, "$2")] as const] : []
    }),
  )
  const known = { ...defaults, ...args }
  const images = froms.map(({ image = "" }) =>
    image.replace(VARIABLE, (whole, braced, fallback, bare) => known[braced ?? bare] ?? fallback ?? whole),
  )
  return [...new Set(images)].filter((image) => image !== "scratch" && !made.has(image.toLowerCase()))
}

const FROM = /^\s*FROM\s+(?:--\S+\s+)*(?<image>\S+)(?:\s+AS\s+(?<name>\S+))?\s*$/i
const ARG = /^\s*ARG\s+(?<name>\w+)=(?<value>.*\S)\s*$/i
const VARIABLE = /\$\{(\w+)(?::-([^}]*))?\}|\$(\w+)/g
