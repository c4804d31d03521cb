import type { Container, Service } from "@dagger.io/dagger"
import type { Config } from "../config/config.js"
import { Fault } from "../run/fault.js"
import { partitionOf } from "../run/partition.js"
import type { Secrets } from "../run/request.js"
import { INSTEAD_OF_AWS } from "../run/request.js"
import type { Environment } from "./environment.js"

/** Where the CI vendor's token is mounted: no layer of an image holds it. */
const TOKEN = "/slipway-identity/token"

/**
 * Returns the ARN of the role that a CI vendor's token is exchanged for in an environment.
 *
 * @throws {Fault} `configuration` where slipway.yaml names none.
 */
export function roleOf(
  { environments, terraform }: Pick<Config, "environments" | "terraform">,
  name: string,
): string {
  const [own, deployed] = [terraform.environments[name], environments[name]]
  const region = String(own?.backend.region ?? deployed?.region ?? "")
  const account = own?.account ?? deployed?.account
  const role = own?.role ?? deployed?.role
  if (account && role) return `arn:${partitionOf(region)}:iam::${account}:role/${role}`
  const place = `environments.${name || "<name>"}`
  throw new Fault("configuration", {
    what: `no role for the CI vendor's token in the environment ${JSON.stringify(name)}`,
    where: "slipway.yaml",
    fix: `set account and role under terraform.${place}, or under ${place}`,
  })
}

/**
 * Gives AWS's tools in a container the role of an environment, by the CI vendor's token. Without a token it changes
 * nothing: keys are passed as variables.
 *
 * @throws {Fault} as {@link roleOf}.
 */
export function withRole(
  container: Container,
  { awsWebIdentityToken }: Secrets,
  config: Config,
  name: string,
): Container {
  if (awsWebIdentityToken === undefined) return container
  return container
    .withMountedSecret(TOKEN, awsWebIdentityToken)
    .withEnvVariable("AWS_WEB_IDENTITY_TOKEN_FILE", TOKEN)
    .withEnvVariable("AWS_ROLE_ARN", roleOf(config, name))
    .withEnvVariable("AWS_ROLE_SESSION_NAME", "slipway-terraform")
}

/** Connects a container to the service that replaces AWS, with placeholder keys if the caller passed none. */
export function withInstead(container: Container, service: Service, secrets: Secrets): Container {
  const bound = container.withServiceBinding("aws", service)
  return secrets.awsAccessKeyId || secrets.awsWebIdentityToken
    ? bound
    : bound
        .withEnvVariable("AWS_ACCESS_KEY_ID", "rehearsal")
        .withEnvVariable("AWS_SECRET_ACCESS_KEY", "rehearsal")
}

/** Settings of an S3 backend for the service that replaces AWS: it has no host names by bucket. */
const REHEARSED: Environment["backend"] = {
  endpoints: { s3: INSTEAD_OF_AWS, sts: INSTEAD_OF_AWS },
  use_path_style: true,
  skip_credentials_validation: true,
  skip_requesting_account_id: true,
  skip_metadata_api_check: true,
}

/** Returns the settings of a backend in a rehearsal; the project's own come first. */
export const rehearsed = (backend: Environment["backend"], type: string | null): Environment["backend"] =>
  type === "s3" ? { ...REHEARSED, ...backend } : backend
