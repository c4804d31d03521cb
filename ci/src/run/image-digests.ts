import { dag } from "@dagger.io/dagger"
import { notOffered } from "./explain.js"
import type { ImageRecord } from "./result.js"

/** Returns the digest that an image's reference stands for now; null where no registry says. Asks once a run. */
export type ImageDigests = (reference: string) => Promise<string | null>

/** What a registry said of an image. */
type Answer = { readonly digest: string | null } | { readonly error: unknown }

/** The digests of one run's images. */
export function imageDigests(): {
  readonly digestOf: ImageDigests
  /** Adds its digest to an image; null for one that is not here. One that was built here has none yet. */
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
