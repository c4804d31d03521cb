import { type Container, dag, type Secret, type Service } from "@dagger.io/dagger"
import type { FaultCode } from "../run/causes.js"
import { type CommandStep, quote } from "../run/command.js"
import { Fault } from "../run/fault.js"
import { type Image, type ImageSource, imageReference } from "../run/images.js"
import { runCommand } from "../run/run-command.js"
import type { Ran } from "../run/stage.js"
import type { Repository } from "./reference.js"

/** Copies images with what refers to them, and looks after repositories. */
export const REGCTL: Image = { name: "regclient/regctl", tag: "v0.11.7-alpine" }
/** Signs images and statements about them. The published image holds the program alone, and no shell. */
export const COSIGN: Image = { name: "ghcr.io/sigstore/cosign/cosign", tag: "v3.1.3" }

/** How registries are reached. */
export interface Access {
  readonly images: ImageSource
  /** For the registries that are named; "" for those that ask for none. */
  readonly username: string
  readonly password: Secret | undefined
  /** A registry that is a service of this run, without TLS: it answers to the host that is named. */
  readonly service: Service | null
}

/** Work with registries, in one container. */
export interface RegistryWork {
  /** The repositories that it is about. */
  readonly repositories: readonly Repository[]
  readonly steps: readonly CommandStep[]
  /** Adds files. */
  readonly prepare?: (container: Container) => Container
  readonly reports?: readonly string[]
  readonly secrets?: Readonly<Record<string, Secret>>
  /** True where images are signed, or signatures looked at. */
  readonly signs?: boolean
  /** The code of a failure that has no clearer one, by the step that failed. */
  readonly codes?: Readonly<Record<string, FaultCode>>
}

/** Where logins are kept while a container runs: no layer holds them. */
const LOGINS = "/run/slipway"

/**
 * Works with registries by regctl and cosign. Nothing of it is remembered: what a registry holds can change.
 *
 * @throws {Fault} for a step that fails.
 */
export async function atRegistry(access: Access, work: RegistryWork): Promise<Ran> {
  const ran = await runCommand({
    container: (work.prepare ?? ((same) => same))(tools(access, work)),
    steps: [{ name: "login", run: login(access, work.repositories), timeout: 60 }, ...work.steps],
    reports: work.reports ?? [],
    secrets: {
      ...work.secrets,
      ...(access.password ? { SLIPWAY_REGISTRY_PASSWORD: access.password } : {}),
    },
  })
  if (ran.failed !== null) throw refusal(ran.failed.name, ran.log.text, work.codes ?? {})
  return ran
}

function tools({ images, username, service }: Access, { repositories, signs }: RegistryWork): Container {
  const from = (image: Image) => dag.container().from(imageReference(image, images))
  const base = from(REGCTL)
    .withUser("root")
    .withMountedTemp(LOGINS)
    .withEnvVariable("DOCKER_CONFIG", LOGINS)
    .withEnvVariable("REGCTL_CONFIG", `${LOGINS}/regctl.json`)
    .withEnvVariable("SLIPWAY_REGISTRY_USERNAME", username)
    .withEnvVariable("SLIPWAY_AT", new Date().toISOString())
  const signing = signs ? base.withFile("/usr/local/bin/cosign", from(COSIGN).file("/ko-app/cosign")) : base
  const hosts = service === null ? [] : hostsOf(repositories)
  return hosts.reduce(
    (made, host) => (service ? made.withServiceBinding(host.replace(/:\d+$/, ""), service) : made),
    signing,
  )
}

const hostsOf = (repositories: readonly Repository[]) => [...new Set(repositories.map(({ host }) => host))]

/** Writes what Docker's own login would, for both tools to read. */
function login({ username, service }: Access, repositories: readonly Repository[]): string {
  const hosts = hostsOf(repositories)
  const plain = hosts.map((host) => `regctl registry set --skip-check --tls disabled ${quote(host)}`)
  const auths = hosts.map((host) => `"${host}":{"auth":"%s"}`).join(",")
  const write = [
    "umask 077",
    `auth=$(printf %s "$SLIPWAY_REGISTRY_USERNAME:$SLIPWAY_REGISTRY_PASSWORD" | base64 | tr -d '\\n')`,
    `printf '{"auths":{${auths}}}' ${hosts.map(() => '"$auth"').join(" ")} >${LOGINS}/config.json`,
  ]
  return [...(service === null ? [] : plain), ...(username === "" ? [] : write), "true"].join(" && ")
}

/** What a registry, or a tool that asks it, says when it does not do what it is asked. The first that fits counts. */
const REFUSALS: readonly {
  readonly pattern: RegExp
  readonly code: FaultCode
  readonly what: string
  readonly fix: string
}[] = [
  {
    pattern: /Fulcio returned 4\d\d|from identity token/,
    code: "token",
    what: "Sigstore's certificate authority refuses the identity token",
    fix: "pass a fresh `--identity-token` of an issuer that it trusts, for the audience `sigstore`",
  },
  {
    pattern: /error signing bundle|tuf refresh failed/,
    code: "registry",
    what: "Sigstore is unreachable, or its answer does not verify",
    fix: "check the network between the engine and Sigstore. For your own Sigstore, set `image.sigstore` in slipway.yaml: its trusted root and signing config must match",
  },
  {
    pattern: /unauthorized|authentication required|\b401\b|\b403\b|\bdenied\b|forbidden/i,
    code: "registry",
    what: "the registry refuses the login",
    fix: "pass `--registry-password` before the function and `--username` to it, for an account with this permission",
  },
  {
    pattern:
      /connection refused|no such host|i\/o timeout|network is unreachable|x509:|tls: |server gave HTTP response/i,
    code: "registry",
    what: "the registry is unreachable",
    fix: "check the registry's name, its certificate, and the network between the engine and it",
  },
  {
    pattern: /operation is unsupported|method not allowed|\b405\b|immutable/i,
    code: "registry",
    what: "the registry does not allow this",
    fix: "allow it in the registry's settings (for deletion: REGISTRY_STORAGE_DELETE_ENABLED)",
  },
  {
    pattern:
      /invalid signature|no matching signatures|none of the expected identities|failed to verify|digest.*mismatch|no valid|could not verify/i,
    code: "signature",
    what: "not signed by a trusted signer, or signed for another image",
    fix: "do not use the image. Verify it with the trusted key, or the trusted identity and issuer",
  },
  {
    pattern: /no matching attestations|no signatures found/i,
    code: "signature",
    what: "unsigned",
    fix: "sign it with `image sign` and the evidence of a green check",
  },
  {
    pattern: /decrypt|reading key|getting signer|invalid pem|unsupported pem/i,
    code: "token",
    what: "the private key cannot be used",
    fix: "pass `--signing-key` as written by `cosign generate-key-pair`, and `--signing-password`",
  },
  {
    pattern: /manifest[_ ]unknown|name[_ ]unknown|not found|\b404\b/i,
    code: "no-image",
    what: "the registry has no such image",
    fix: "check the repository and the digest; `image push` prints what it pushed",
  },
  {
    pattern: /status(?: code)?:? 5\d\d|\[http 5\d\d\]|too ?many ?requests/i,
    code: "registry",
    what: "the registry failed",
    fix: "try again later; the registry's own log says why",
  },
]

const CODES: Readonly<Partial<Record<FaultCode, { readonly what: string; readonly fix: string }>>> = {
  signature: { what: "the image's signature does not verify", fix: "sign it with `image sign`" },
  attestation: {
    what: "missing attestation",
    fix: "sign it with `image sign`",
  },
}

/** A failed step as a fault: by what the tool said, or by the step. */
export function refusal(step: string, log: string, codes: Readonly<Record<string, FaultCode>>): Fault {
  const said = log.trim().split("\n").slice(-20).join("\n")
  const own = codes[step]
  const known = REFUSALS.find(
    ({ pattern, code }) => pattern.test(said) && (code !== "no-image" || own === undefined),
  )
  const code = own !== undefined && known?.code !== "registry" ? own : (known?.code ?? "registry")
  const text =
    known?.code === code ? known : (CODES[code] ?? { what: `${step} failed`, fix: "read its output" })
  const last = said.split("\n").at(-1) ?? ""
  return new Fault(code, {
    what: `${text.what} (${step}): ${last.slice(0, 400)}`,
    where: null,
    fix: text.fix,
  })
}
