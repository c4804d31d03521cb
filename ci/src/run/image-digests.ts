import { dag } from "@dagger.io/dagger"
import { notOffered } from "./explain.js"
import type { ImageRecord } from "./result.js"

/** Returns the current digest of an image's reference; null if no registry has it. Asks once a run. */
export type ImageDigests = (reference: string) => Promise<string | null>

/** A registry's answer about an image. */
type Answer = { readonly digest: string | null } | { readonly error: unknown }

/** Looks up the digests of a run's images, each once. */
export function imageDigests(): {
  readonly digestOf: ImageDigests
  /** Adds its digest to an image; null for an image that this engine does not have. One that was built here has none yet. */
  readonly withDigest: (image: ImageRecord) => Promise<ImageRecord | null>
} {
  const answers = new Map<string, Promise<Answer>>()
  const ask = (reference: string): Promise<Answer> => {
    const answer = answers.get(reference) ?? resolve(reference)
    answers.set(reference, answer)
    return answer
  }
  return {
    digestOf: async (reference) => {
      const answer = await ask(reference)
      return "digest" in answer ? answer.digest : null
    },
    withDigest: async (image) => {
      if (!image.name.includes(":")) return image
      const answer = await ask(image.name)
      if ("digest" in answer) return { ...image, digest: answer.digest }
      return notOffered(answer.error) === null ? image : null
    },
  }
}

async function resolve(reference: string): Promise<Answer> {
  try {
    const resolved = await dag.container().from(reference).imageRef()
    return { digest: resolved.split("@")[1] ?? null }
  } catch (error) {
    return { error }
  }
}
