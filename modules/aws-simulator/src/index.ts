/**
 * AWS as a service, for rehearsals and tests: ECS, load balancing and what else a deployment asks, in AWS's own protocols,
 * on a virtual clock, driven by a scenario.
 */
import { type Container, dag, func, object, type Service } from "@dagger.io/dagger"

const FOLDER = "/simulator"
/** Of its own: a machine may have none, or an older one. */
const NODE = "/simulator-node"
const PORT = 4566

@object()
export class AwsSimulator {
  /**
   * The simulator on port 4566: set AWS_ENDPOINT_URL to it.
   *
   * @param world What the account holds before: account, region, cluster, services, taskDefinitions, database, …, as JSON.
   * @param scenario The name of a scenario, or one as JSON.
   * @param run A name that no other run has: two runs are two accounts.
   * @param machine What it runs on, and with it the commands of one-off tasks where the world has `tasksIn`: an image
   *   with glibc and the services that it needs.
   */
  @func({ cache: "never" })
  serve(world: string, scenario: string = "success", run: string = "", machine?: Container): Service {
    const node = dag.container().from("node:22-bookworm-slim")
    return (machine ?? node)
      .withFile(NODE, node.file("/usr/local/bin/node"))
      .withDirectory(FOLDER, program())
      .withNewFile(`${FOLDER}/package.json`, '{"type":"module"}')
      .withNewFile(`${FOLDER}/world.json`, world)
      .withEnvVariable("SLIPWAY_RUN", run)
      .withWorkdir(FOLDER)
      .withExposedPort(PORT)
      .asService({
        args: [
          NODE,
          "--disable-warning=ExperimentalWarning",
          "main.ts",
          "--world",
          "world.json",
          "--scenario",
          scenario,
        ],
      })
  }

  /** The names of the scenarios that come with it. */
  @func()
  async scenarios(): Promise<string> {
    const files = await program().directory("scenarios").entries()
    return files.map((file) => file.replace(/\.json$/, "")).join("\n")
  }
}

/** Apart from `src`: Dagger's SDK loads everything that lies there. */
const program = () => dag.currentModule().source().directory("program")
