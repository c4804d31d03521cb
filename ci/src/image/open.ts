import { dag, type Secret, type Service } from "@dagger.io/dagger"
import { type Configured, readConfiguration } from "../config/read.js"
import { withPlainManifests } from "../project/other-manifests.js"
import type { LinkText } from "../project/project.js"
import type { RunContext } from "../run/context.js"
import { Fault } from "../run/fault.js"
import type { Request, Secrets } from "../run/request.js"
import type { Access } from "./registry.js"

/** What the functions for images work with; `detectIn` finds out what their Dockerfiles are. */
export interface Opened extends Configured {
  readonly context: RunContext
  readonly secrets: Secrets
  /** Secrets that builds may mount, by name. */
  readonly variables: Request["variables"]
  readonly access: Access
  /** The repository's symbolic links. */
  readonly links: readonly LinkText[]
}

/** Reads what a caller passes, and slipway.yaml. Needs no package.json. */
export async function open(
  request: Request,
  username: string,
  service: Service | undefined,
): Promise<Opened> {
  const configured = await withPlainManifests(await readConfiguration(request.source, request.reader))
  return {
    ...configured,
    context: request.context,
    secrets: request.secrets,
    variables: request.variables,
    links: await request.links(configured.config.images),
    access: {
      images: configured.config.images,
      username,
      password: request.secrets.registryPassword,
      service: service ?? null,
    },
  }
}

/** A secret that must be there. */
export function required(secret: Secret | undefined, flag: string, what: string): Secret {
  if (secret !== undefined) return secret
  throw new Fault("token", {
    what: `${what} is missing`,
    where: null,
    fix: `pass \`${flag} env://NAME\` or \`${flag} file://PATH\` before the function`,
  })
}

/** A file with some text, for a container. */
export const fileOf = (name: string, text: string) => dag.directory().withNewFile(name, text).file(name)
