/**
 * Deploys to AWS (ECS, RDS, ELB), rolls back what fails, and reports what is live.
 *
 * `serve` takes one request as JSON, runs every step of the deployment in order, and gives the result as JSON. The same
 * code is a command-line program: `program/main.ts`.
 */
import { type Container, dag, func, object, type Secret, type Service } from "@dagger.io/dagger"

const FOLDER = "/deployer"
const PORT = 8080
/** Address of the service that replaces AWS, as the container sees it. */
const SIMULATOR = "http://aws:4566"

/** The deployer, in a container. */
@object()
export class Deploy {
  /** Returns the JSON Schema of a request. */
  @func()
  async schema(): Promise<string> {
    return program().withExec(["node", "main.ts", "--schema"]).stdout()
  }

  /**
   * Returns the deployer as an HTTP service on port 8080. The caller sends one request and runs the steps that are its
   * own; `program/serve.ts` describes the protocol. A service runs one request.
   *
   * @param run A unique name of this run: the same name gives the same service.
   * @param accessKeyId AWS access key, unless a web identity is used.
   * @param secretAccessKey AWS secret key.
   * @param sessionToken AWS session token, for temporary credentials.
   * @param webIdentityToken Identity token of the CI vendor, to assume the environment's role.
   * @param notify Addresses and keys of notifications by name, as JSON.
   * @param approvalToken For the API of the vendor whose approvals count.
   * @param deploymentToken For the API of the vendor that shows deployments.
   * @param aws A service on port 4566 that replaces AWS, for rehearsals. Requests name it `http://aws:4566`.
   */
  @func({ cache: "never" })
  serve(
    run: string,
    accessKeyId?: Secret,
    secretAccessKey?: Secret,
    sessionToken?: Secret,
    webIdentityToken?: Secret,
    notify?: Secret,
    approvalToken?: Secret,
    deploymentToken?: Secret,
    aws?: Service,
  ): Service {
    const variables = {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      SLIPWAY_WEB_IDENTITY_TOKEN: webIdentityToken,
      SLIPWAY_NOTIFY: notify,
      SLIPWAY_APPROVAL_TOKEN: approvalToken,
      SLIPWAY_DEPLOYMENT_TOKEN: deploymentToken,
    }
    const bound = aws
      ? program().withServiceBinding("aws", aws).withEnvVariable("AWS_ENDPOINT_URL", SIMULATOR)
      : program()
    return Object.entries(variables)
      .reduce((made, [name, secret]) => (secret ? made.withSecretVariable(name, secret) : made), bound)
      .withEnvVariable("SLIPWAY_RUN", run)
      .withExposedPort(PORT)
      .asService({ args: ["node", "serve.ts"] })
  }
}

/** The program with its npm packages, which are installed once per lock file. */
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
