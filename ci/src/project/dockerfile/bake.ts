/** A build that a bake file names. */
interface Target {
  readonly context: string
  readonly file: string | null
  readonly target: string | null
}

const TARGET = /^target\s+"[^"]+"\s*\{$([\s\S]*?)^\}/gm

const textOf = (target: string, key: string): string | null =>
  new RegExp(`^\\s*${key}\\s*=\\s*"([^"]+)"`, "m").exec(target)?.[1] ?? null

/**
 * Reads the targets of a docker-bake.hcl.
 *
 * @see https://docs.docker.com/build/bake/reference/
 */
export const bakeTargets = (text: string): readonly Target[] =>
  [...text.matchAll(TARGET)].map(([, target = ""]) => ({
    context: textOf(target, "context") ?? ".",
    file: textOf(target, "dockerfile"),
    target: textOf(target, "target"),
  }))
