/**
 * Deploys to AWS, and says the truth about it.
 *
 * Takes one validated JSON, runs the whole order of a deployment, and gives the result as JSON: what happened, what is
 * live, what to do.
 */
import { type Container, func, object, ReturnType, type Secret, type Service } from "@dagger.io/dagger"
import * as z from "zod"
import { type Access, type Credentials, webIdentity } from "./aws/clients.ts"
import { deploy } from "./deploy.ts"
import type { PortResult, Ports } from "./given.ts"
import { type Request, readRequest, requestJsonSchema } from "./request.ts"

/** Runs a container that was handed over lazily: at its step, not before. */
const port = (container: Container) => async (): Promise<PortResult> => {
  const ran = container.withExec([], { useEntrypoint: true, expect: ReturnType.Any })
  const [exitCode, stdout, stderr] = await Promise.all([ran.exitCode(), ran.stdout(), ran.stderr()])
  return { exitCode, output: `${stdout}\n${stderr}` }
}

@object()
export class Deploy {
  /** The JSON Schema of the request that `run` takes. */
  @func()
  schema(): string {
    return JSON.stringify(requestJsonSchema(), null, 2)
  }

  /**
   * Runs a request: deploy, rollback, migrate, health, status or plan. Gives the result as JSON, whatever its outcome:
   * the caller prints its text and exits with its exitCode.
   *
   * @param request The request as JSON.
   * @param accessKeyId AWS's access key, where no web identity is given.
   * @param secretAccessKey AWS's secret key.
   * @param sessionToken AWS's session token, of temporary credentials.
   * @param webIdentityToken The CI vendor's token; the environment's role is assumed with it.
   * @param notify Addresses and keys of notifications, by name, as JSON.
   * @param verify Checks the images' signatures, SBOM and verdict: its entrypoint is run at that step.
   * @param terraform Applies the reviewed plan: its entrypoint is run at that step.
   * @param smoke Tests what is live: its entrypoint is run after the health checks.
   * @param simulator Is asked in AWS's place, and its clock is followed: a rehearsal.
   */
  @func({ cache: "never" })
  async run(
    request: string,
    accessKeyId?: Secret,
    secretAccessKey?: Secret,
    sessionToken?: Secret,
    webIdentityToken?: Secret,
    notify?: Secret,
    verify?: Container,
    terraform?: Container,
    smoke?: Container,
    simulator?: Service,
  ): Promise<string> {
    const read = readRequest(request)
    if (!read.ok) throw new Error(`the request cannot be read: ${read.problems.join("; ")}`)
    const endpoint = simulator ? await simulator.endpoint({ scheme: "http" }) : null
    const asked = endpoint === null ? read.request : rehearsed(read.request, endpoint)
    const place = { region: asked.environment.region, endpoint }
    const token = await webIdentityToken?.plaintext()
    const keys = await keysOf(accessKeyId, secretAccessKey, sessionToken)
    const role = asked.environment.role
    const assumed =
      token && role
        ? webIdentity(place, {
            arn: `arn:aws:iam::${asked.environment.account}:role/${role}`,
            token,
            run: asked.run.id,
          })
        : null
    const access: Access = { ...place, credentials: keys ?? assumed }
    const ports: Ports = {
      ...(verify ? { verify: port(verify) } : {}),
      ...(terraform ? { terraform: port(terraform) } : {}),
      ...(smoke ? { smoke: port(smoke) } : {}),
    }
    const result = await deploy(asked, {
      ...{ access, ports, notify: await notifySecrets(notify), secrets: token ? [token] : [] },
      signal: new AbortController().signal,
      print: (line) => console.log(line),
      log: () => {},
    })
    return JSON.stringify(result)
  }
}

/** Endpoints of a rehearsal may name the simulator before its address is known. */
const SIMULATOR = "{simulator}"

const rehearsed = (request: Request, endpoint: string): Request => ({
  ...request,
  clock: endpoint,
  endpoints: Object.fromEntries(
    Object.entries(request.endpoints).map(([from, to]) => [from, to.replace(SIMULATOR, endpoint)]),
  ),
})

async function keysOf(
  accessKeyId?: Secret,
  secretAccessKey?: Secret,
  sessionToken?: Secret,
): Promise<Credentials | null> {
  if (!accessKeyId || !secretAccessKey) return null
  const token = await sessionToken?.plaintext()
  return {
    accessKeyId: await accessKeyId.plaintext(),
    secretAccessKey: await secretAccessKey.plaintext(),
    ...(token ? { sessionToken: token } : {}),
  }
}

async function notifySecrets(notify?: Secret): Promise<Record<string, string>> {
  if (!notify) return {}
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(await notify.plaintext()))
  } catch {
    throw new Error("the secret of notifications is no JSON object of names and addresses")
  }
}
