/**
 * Simulates AWS for rehearsals and tests: ECS, load balancing and the other services that a deployment calls, in AWS's
 * own protocols, on a virtual clock, driven by a scenario.
 */
import { type Container, dag, func, object, type Service } from "@dagger.io/dagger"

const FOLDER = "/simulator"
/** A copy of Node.js: the machine may have none, or an older one. */
const NODE = "/simulator-node"
const PORT = 4566

/** The simulator, as a service of Dagger. */
@object()
export class AwsSimulator {
  /**
   * Returns the simulator as a service on port 4566. Set `AWS_ENDPOINT_URL` to it.
   *
   * @param world The account at the start as JSON: account, region, cluster, services, taskDefinitions, database, …
   * @param scenario The name of a scenario, or a scenario as JSON.
   * @param run A unique name of the run. The same name gives the same account.
   * @param machine Container for the simulator and, if the world has `tasksIn`, for the commands of one-off tasks: an
   *   image with glibc, with its services bound.
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

  /** Returns the names of the built-in scenarios, one a line. */
  @func()
  async scenarios(): Promise<string> {
    const files = await program().directory("scenarios").entries()
    return files.map((file) => file.replace(/\.json$/, "")).join("\n")
  }
}

/** Outside of `src`, because Dagger's SDK loads every file there. */
const program = () => dag.currentModule().source().directory("program")
