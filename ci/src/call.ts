import type { Directory, File, Secret, Service } from "@dagger.io/dagger"
import { dag } from "@dagger.io/dagger"
import { chosenSources } from "./project/sources.js"
import { parseContext } from "./run/context.js"
import { Fault } from "./run/fault.js"
import { assertIdentityToken } from "./run/identity-token.js"
import { type Request, SECRETS, type SecretName, type Secrets } from "./run/request.js"
import { reader } from "./settings.js"

/**
 * What the constructor's caller passed, as fields that every object of the module has: the SDK brings back what lies
 * in an object's own fields and in lists of them, and not what lies in an object inside of it.
 */
export interface Call {
  source: Directory
  history: Directory
  /** The result.json of the base. */
  base?: File
  /** Those that were passed, in the order of {@link Texts.secrets}; then those for the project's own commands. */
  secrets: Secret[]
  /** What answers instead of AWS. */
  aws?: Service
  /** The store of results, where that is a folder. */
  results?: Directory
  /** {@link Texts} as JSON. */
  texts: string
}

/** All that is text in a call. */
interface Texts {
  readonly rerun: boolean
  /** The run context as JSON, or "". */
  readonly run: string
  readonly shards: string
  /** The names of {@link Call.secrets}. */
  readonly secrets: readonly SecretName[]
}

/** Fills an object of the module with what the constructor's caller passed. */
export function fill<T extends Call>(
  call: T,
  {
    secrets,
    own,
    ...texts
  }: Omit<Texts, "secrets" | "shards"> & { readonly secrets: Secrets; readonly own: readonly Secret[] },
): T {
  const passed = SECRETS.flatMap((name) => {
    const secret = secrets[name]
    return secret ? [[name, secret] as const] : []
  })
  const all: Texts = { ...texts, shards: "", secrets: passed.map(([name]) => name) }
  return Object.assign(call, {
    secrets: [...passed.map(([, secret]) => secret), ...own],
    texts: JSON.stringify(all),
  })
}

/** Copies what the caller passed to another object. */
export const handOver = <T extends Call>(
  { source, history, base, secrets, aws, results, texts }: Call,
  to: T,
): T => Object.assign(to, { source, history, base, secrets, aws, results, texts })

/** The same with other shards of tests. */
export const withShards = <T extends Call>(call: T, shards: string): T =>
  Object.assign(call, { texts: JSON.stringify({ ...JSON.parse(call.texts), shards }) })

/** A name at the end of an address: `env://NPM_TOKEN`, `op://vault/npm/NPM_TOKEN`, `file:///run/secrets/NPM_TOKEN`. */
const VARIABLE = /([A-Za-z_]\w*)$/

/**
 * Names a secret after the end of its address, so that builds can mount it. The name keeps its value out of cache keys.
 *
 * @throws {Fault} `configuration` for an address that does not end with the name of a variable.
 */
async function asVariable(secret: Secret): Promise<readonly [name: string, secret: Secret]> {
  const address = (await secret.uri()).replace(/\?.*$/, "")
  const [, name] = VARIABLE.exec(address) ?? []
  if (name !== undefined) return [name, dag.setSecret(name, await secret.plaintext())]
  throw new Fault("configuration", {
    what: "the address of a secret does not end with the name of a variable",
    where: "--secret",
    fix: "pass `--secret env://NAME`",
  })
}

/**
 * The request of a call.
 *
 * @throws {Fault} `configuration` for an invalid run context, `token` if the identity token is no JWT or has expired.
 */
export async function toRequest({
  source,
  history,
  base,
  secrets,
  aws,
  results,
  texts,
}: Call): Promise<Request> {
  const { secrets: names, run, ...rest }: Texts = JSON.parse(texts)
  const named: Secrets = Object.fromEntries(names.map((name, i) => [name, secrets[i]]))
  if (named.awsWebIdentityToken)
    await assertIdentityToken(named.awsWebIdentityToken, "--aws-web-identity-token")
  return {
    ...rest,
    ...(await chosenSources(source, history)),
    history,
    reader,
    context: parseContext(run),
    base: base ?? null,
    aws: aws ?? null,
    results: results ?? null,
    secrets: named,
    variables: Object.fromEntries(await Promise.all(secrets.slice(names.length).map(asVariable))),
  }
}
