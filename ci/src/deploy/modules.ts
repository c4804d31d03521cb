import { type Container, dag, type Secret, type Service } from "@dagger.io/dagger"

/** Credentials of the deployer. Each reaches its container as a secret environment variable. */
export interface Credentials {
  readonly accessKeyId?: Secret
  readonly secretAccessKey?: Secret
  readonly sessionToken?: Secret
  readonly webIdentityToken?: Secret
  /** Addresses and keys of notifications as JSON, by their names in slipway.yaml. */
  readonly notify?: Secret
  /** For the vendor's API of approvals. */
  readonly approvalToken?: Secret
  /** For the vendor's API of deployments. */
  readonly deploymentToken?: Secret
  /** A service that replaces AWS. */
  readonly aws?: Service
}

/** The modules that this module depends on. */
interface Modules {
  deploy(): { serve(run: string, credentials: Credentials): Service }
  awsSimulator(): {
    scenarios(): Promise<string>
    serve(
      world: string,
      options: { readonly scenario: string; readonly run: string; readonly machine?: Container },
    ): Service
  }
}

// The client generated at run time has these functions; the types of the npm package do not.
const hasModules = (client: object): client is Modules => "deploy" in client && "awsSimulator" in client

/** Returns the client of the deployer and the AWS simulator. */
export function modules(): Modules {
  if (hasModules(dag)) return dag
  throw new Error("the client of this module was generated without its dependencies")
}
