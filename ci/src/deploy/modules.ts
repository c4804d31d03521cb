import { type Container, dag, type Secret, type Service } from "@dagger.io/dagger"

/** What the deployer runs with; all of it reaches its container as secret environment variables. */
export interface Credentials {
  readonly accessKeyId?: Secret
  readonly secretAccessKey?: Secret
  readonly sessionToken?: Secret
  readonly webIdentityToken?: Secret
  /** Addresses and keys of notifications as JSON, by the names that slipway.yaml gives them. */
  readonly notify?: Secret
  /** What answers instead of AWS. */
  readonly aws?: Service
}

/** The modules that this one depends on, as the client of a running module has them. */
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

// The client that knows them is generated where the module runs; the npm package's does not.
const hasModules = (client: object): client is Modules => "deploy" in client && "awsSimulator" in client

/** The deployer and the simulator of AWS. */
export function modules(): Modules {
  if (hasModules(dag)) return dag
  throw new Error("the client of this module was generated without its dependencies")
}
