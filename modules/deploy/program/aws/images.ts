/** Images in ECR. */
import { BatchGetImageCommand, type ECRClient } from "@aws-sdk/client-ecr"
import * as z from "zod"
import type { Clock } from "../core/clock.ts"
import { nameOf } from "../core/text.ts"
import { callIfThere } from "./retry.ts"

/** An ECR reference: `<account>.dkr.ecr.<region>.amazonaws.com/<repository>@<digest>`. */
const ECR =
  /^(\d{12})\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/([^@:]+)(?::[^@]+)?@(sha256:[0-9a-f]{64})$/

/** Returns the parts of an ECR reference; null for images in other registries. */
export function ecrImage(reference: string) {
  const [, registryId, repositoryName, imageDigest] = ECR.exec(reference) ?? []
  return registryId && repositoryName && imageDigest ? { registryId, repositoryName, imageDigest } : null
}

/** Returns the digest of a reference such as `repository@sha256:…`. */
export const digestOf = (reference: string): string => reference.slice(reference.indexOf("@") + 1)

/** Returns a reference as people read it: `web@sha256:3f2a…`. */
export const imageText = (reference: string): string => nameOf(reference).replace(/(@sha256:.{12}).*/, "$1")

const indexSchema = z.looseObject({ manifests: z.array(z.looseObject({ digest: z.string() })).optional() })

/** Returns the manifest of an image; null: not in ECR. */
async function manifestOf(ecr: ECRClient, clock: Clock, reference: string): Promise<string | null> {
  const image = ecrImage(reference)
  if (image === null) return null
  const { registryId, repositoryName, imageDigest } = image
  const answer = await callIfThere(clock, `ECR BatchGetImage ${repositoryName}`, () =>
    ecr.send(new BatchGetImageCommand({ registryId, repositoryName, imageIds: [{ imageDigest }] })),
  )
  return answer?.images?.[0]?.imageManifest ?? null
}

/** Asks ECR whether it has the image of a reference. */
export const imageExists = async (ecr: ECRClient, clock: Clock, reference: string): Promise<boolean> =>
  (await manifestOf(ecr, clock, reference)) !== null

/** Returns the digests that a task may report for a reference: its own, and for an index those of its platforms. */
export async function digestsOf(ecr: ECRClient, clock: Clock, reference: string): Promise<readonly string[]> {
  const manifest = await manifestOf(ecr, clock, reference)
  const index = indexSchema.safeParse(manifest === null ? {} : JSON.parse(manifest))
  const platforms = index.success ? (index.data.manifests ?? []) : []
  return [digestOf(reference), ...platforms.map(({ digest }) => digest)]
}
