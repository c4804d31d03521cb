/** ECR: the images of a registry. Layers are not served. */
import { AwsError } from "../error.ts"
import { type Fields, records, text, textOr, texts } from "../fields.ts"
import { arn, hex, registryOf } from "../ids.ts"
import { looks, type Operations } from "../operation.ts"
import type { State } from "../state.ts"
import type { WorldImage } from "../world.ts"

interface Repository {
  readonly name: string
  /** Null: any image exists. */
  readonly images: readonly WorldImage[] | null
}

function repositoryNamed(state: State, name: string): Repository {
  const { repositories } = state.world
  const found =
    repositories === null ? { name, images: null } : repositories.find((entry) => entry.name === name)
  if (found === undefined) {
    const registry = state.world.account
    const message = `The repository with name '${name}' does not exist in the registry with id '${registry}'`
    throw new AwsError("RepositoryNotFoundException", message)
  }
  return found
}

const MANIFEST = "application/vnd.oci.image.manifest.v1+json"

/** Finds an image by digest or tag; null: missing. */
function imageFor(state: State, { name, images }: Repository, requested: Fields): WorldImage | null {
  const digest = textOr(requested, "imageDigest", null)
  const tag = textOr(requested, "imageTag", null)
  const missing = state.scenario.missingImages
  if (missing.some((part) => part === "*" || digest?.includes(part) || tag === part)) return null
  if (images === null) {
    const made = hex(`${name}:${tag}`, 64)
    return { digest: digest ?? `sha256:${made}`, tags: tag === null ? [] : [tag] }
  }
  const found = images.find((image) => image.digest === digest || (tag !== null && image.tags.includes(tag)))
  return found ?? null
}

const manifestOf = ({ digest, tags }: WorldImage): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest, size: 7023 },
    layers: [],
    annotations: { "org.opencontainers.image.ref.name": tags[0] ?? "" },
  })

const repositoryShape = (state: State, name: string): Fields => ({
  repositoryArn: arn(state.world, "ecr", `repository/${name}`),
  registryId: state.world.account,
  repositoryName: name,
  repositoryUri: `${registryOf(state.world)}/${name}`,
  createdAt: new Date(state.happened.start ?? state.now),
  imageTagMutability: "IMMUTABLE",
})

/** Lifetime of a token: 12 hours, as in AWS. */
const TOKEN = 12 * 3600 * 1000

export const ecr: Operations = {
  DescribeRepositories: looks((state, input) => {
    const requested = texts(input, "repositoryNames")
    const all = (state.world.repositories ?? []).map(({ name }) => name)
    const names = requested.length > 0 ? requested.map((name) => repositoryNamed(state, name).name) : all
    return { repositories: names.map((name) => repositoryShape(state, name)) }
  }),
  DescribeImages: looks((state, input) => {
    const repository = repositoryNamed(state, text(input, "repositoryName"))
    const requested = records(input, "imageIds")
    const all = requested.length === 0 ? (repository.images ?? []) : []
    const found = requested.map((id) => [id, imageFor(state, repository, id)] as const)
    const missing = found.find(([, image]) => image === null)
    if (missing !== undefined) {
      const message = `The image with imageId ${JSON.stringify(missing[0])} does not exist within the repository with name '${repository.name}' in the registry with id '${state.world.account}'`
      throw new AwsError("ImageNotFoundException", message)
    }
    const images = [...all, ...found.flatMap(([, image]) => (image === null ? [] : [image]))]
    return {
      imageDetails: images.map(({ digest, tags }) => ({
        registryId: state.world.account,
        repositoryName: repository.name,
        imageDigest: digest,
        imageTags: tags,
        imageSizeInBytes: 50_000_000,
        imagePushedAt: new Date(state.happened.start ?? state.now),
        imageManifestMediaType: MANIFEST,
      })),
    }
  }),
  BatchGetImage: looks((state, input) => {
    const repository = repositoryNamed(state, text(input, "repositoryName"))
    const found = records(input, "imageIds").map((id) => [id, imageFor(state, repository, id)] as const)
    return {
      images: found.flatMap(([id, image]) =>
        image === null
          ? []
          : [
              {
                registryId: state.world.account,
                repositoryName: repository.name,
                imageId: { imageDigest: image.digest, imageTag: textOr(id, "imageTag", null) },
                imageManifest: manifestOf(image),
                imageManifestMediaType: MANIFEST,
              },
            ],
      ),
      failures: found
        .filter(([, image]) => image === null)
        .map(([imageId]) => ({
          imageId,
          failureCode: "ImageNotFound",
          failureReason: "Requested image not found",
        })),
    }
  }),
  GetRepositoryPolicy: looks((state, input) => {
    const { name: repositoryName } = repositoryNamed(state, text(input, "repositoryName"))
    const registryId = state.world.account
    const policyText = state.world.resourcePolicies[arn(state.world, "ecr", `repository/${repositoryName}`)]
    if (policyText !== undefined) return { registryId, repositoryName, policyText }
    const message = `Repository policy does not exist for the repository with name '${repositoryName}' in the registry with id '${registryId}'`
    throw new AwsError("RepositoryPolicyNotFoundException", message)
  }),
  GetAuthorizationToken: looks((state) => ({
    authorizationData: [
      {
        authorizationToken: Buffer.from(`AWS:${hex("registry", 40)}`).toString("base64"),
        // Clients compare it with the real clock.
        expiresAt: new Date(Math.max(state.now, Date.now()) + TOKEN),
        proxyEndpoint: `https://${registryOf(state.world)}`,
      },
    ],
  })),
}
