/**
 * AWS as a service, for rehearsals and tests of deployments: its own wire protocols for ECS, load balancers, RDS,
 * ECR, CloudWatch, S3 and STS, on a virtual clock in which an hour of waiting takes no time.
 */
import { dag, type File, func, object, type Service } from "@dagger.io/dagger"

const IMAGE = "node:22-bookworm-slim"

const PORT = 4566

@object()
export class AwsSimulator {
  /**
   * Starts the simulator. Clients find it with AWS_ENDPOINT_URL=http://<its host>:4566.
   *
   * @param scenario What happens: the name of a built-in scenario, or one of your own as JSON.
   * @param world What the account holds: its cluster, services, databases and so on, as JSON.
   * @param worldFile The same as a file.
   */
  @func()
  async serve(scenario: string = "success", world: string = "{}", worldFile?: File): Promise<Service> {
    return dag
      .container()
      .from(IMAGE)
      .withDirectory("/simulator", dag.currentModule().source(), {
        include: ["src", "scenarios", "package.json"],
      })
      .withNewFile("/simulator/world.json", worldFile === undefined ? world : await worldFile.contents())
      .withEnvVariable("SIMULATOR_SCENARIO", scenario)
      .withEnvVariable("SIMULATOR_WORLD", "/simulator/world.json")
      .withExposedPort(PORT)
      .asService({ args: ["node", "--disable-warning=ExperimentalWarning", "/simulator/src/main.ts"] })
  }

  /** The built-in scenarios, a line each. */
  @func()
  async scenarios(): Promise<string> {
    const files = await dag.currentModule().source().directory("scenarios").glob("*.json")
    return files.map((file) => file.replace(/\.json$/, "")).join("\n")
  }
}
