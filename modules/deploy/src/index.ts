/**
 * Deploys to AWS, and says the truth about it.
 *
 * Takes one validated JSON, runs the whole order of a deployment, and gives the result as JSON: what happened, what is
 * live, what to do.
 */
import { type Container, dag, func, object, ReturnType, type Secret, type Service } from "@dagger.io/dagger"

const FOLDER = "/deployer"
const REQUEST = "/request.json"
const RESULT = "/result.json"
/** The service's port. */
const PORT = 8080
/** The host name and port of what answers instead of AWS. */
const SIMULATOR = "http://aws:4566"

/** Of main.ts, where the request cannot be read. */
const USAGE = 64

@object()
export class Deploy {
  /** The JSON Schema of the request that `run` takes. */
  @func()
  async schema(): Promise<string> {
    return program().withExec(["node", "main.ts", "--schema"]).stdout()
  }

  /**
   * Runs a request: deploy, rollback, migrate, health, status or plan. Gives the result as JSON, whatever its outcome:
   * the caller prints its `text` and exits with its `exitCode`.
   *
   * @param request The request as JSON; `schema` says what is in it.
   * @param accessKeyId AWS's access key, where no web identity is given.
   * @param secretAccessKey AWS's secret key.
   * @param sessionToken AWS's session token, of temporary credentials.
   * @param webIdentityToken The CI vendor's token; the environment's role is assumed with it.
   * @param notify Addresses and keys of notifications, by name, as JSON.
   * @param aws What answers instead of AWS, on port 4566: for rehearsals. `http://aws:4566` in the request is its address.
   */
  @func({ cache: "never" })
  async run(
    request: string,
    accessKeyId?: Secret,
    secretAccessKey?: Secret,
    sessionToken?: Secret,
    webIdentityToken?: Secret,
    notify?: Secret,
    aws?: Service,
  ): Promise<string> {
    const given = { accessKeyId, secretAccessKey, sessionToken, webIdentityToken, notify, aws }
    const ran = equipped(program(), given)
      .withEnvVariable("SLIPWAY_AT", new Date().toISOString())
      .withNewFile(REQUEST, request)
      .withExec(["sh", "-c", `node main.ts --result ${RESULT} <${REQUEST}`], { expect: ReturnType.Any })
    if ((await ran.exitCode()) === USAGE) throw new Error(await ran.stdout())
    return ran.file(RESULT).contents()
  }

  /**
   * The deployer as a service on port 8080, for a caller who runs some of its steps himself: `program/serve.ts` says how
   * to talk to it. It runs one request, and ends with the service.
   *
   * @param run A name that no other run has: two runs are two services.
   * @param accessKeyId AWS's access key, where no web identity is given.
   * @param secretAccessKey AWS's secret key.
   * @param sessionToken AWS's session token, of temporary credentials.
   * @param webIdentityToken The CI vendor's token; the environment's role is assumed with it.
   * @param notify Addresses and keys of notifications, by name, as JSON.
   * @param aws What answers instead of AWS, on port 4566: for rehearsals. `http://aws:4566` in the request is its address.
   */
  @func({ cache: "never" })
  serve(
    run: string,
    accessKeyId?: Secret,
    secretAccessKey?: Secret,
    sessionToken?: Secret,
    webIdentityToken?: Secret,
    notify?: Secret,
    aws?: Service,
  ): Service {
    const given = { accessKeyId, secretAccessKey, sessionToken, webIdentityToken, notify, aws }
    return equipped(program(), given)
      .withEnvVariable("SLIPWAY_RUN", run)
      .withExposedPort(PORT)
      .asService({ args: ["node", "serve.ts"] })
  }
}

/** The program with its packages; they are installed once for each lock file. */
function program(): Container {
  const folder = dag.currentModule().source().directory("program")
  const manifests = ["package.json", "package-lock.json"]
  return dag
    .container()
    .from("node:22-bookworm-slim")
    .withMountedCache("/root/.npm", dag.cacheVolume("slipway-npm"))
    .withDirectory(FOLDER, folder.filter({ include: manifests }))
    .withWorkdir(FOLDER)
    .withExec(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress"])
    .withDirectory(FOLDER, folder.filter({ exclude: manifests }))
}

interface Given {
  readonly accessKeyId: Secret | undefined
  readonly secretAccessKey: Secret | undefined
  readonly sessionToken: Secret | undefined
  readonly webIdentityToken: Secret | undefined
  readonly notify: Secret | undefined
  readonly aws: Service | undefined
}

function equipped(container: Container, { aws, ...secrets }: Given): Container {
  const variables = {
    AWS_ACCESS_KEY_ID: secrets.accessKeyId,
    AWS_SECRET_ACCESS_KEY: secrets.secretAccessKey,
    AWS_SESSION_TOKEN: secrets.sessionToken,
    SLIPWAY_WEB_IDENTITY_TOKEN: secrets.webIdentityToken,
    SLIPWAY_NOTIFY: secrets.notify,
  }
  const bound = aws
    ? container.withServiceBinding("aws", aws).withEnvVariable("AWS_ENDPOINT_URL", SIMULATOR)
    : container
  return Object.entries(variables).reduce(
    (made, [name, secret]) => (secret ? made.withSecretVariable(name, secret) : made),
    bound,
  )
}
