/**
 * The simulator as a program: `node main.ts [--port 4566] [--scenario success] [--world world.json]`, or
 * SIMULATOR_PORT, SIMULATOR_SCENARIO and SIMULATOR_WORLD. Scenario and world can also be JSON.
 */
import { readFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { readScenario } from "./read-scenario.ts"
import { parseWorld } from "./read-world.ts"
import { startSimulator } from "./simulator.ts"

/** Exit code for a wrong option (EX_USAGE of sysexits.h). */
const USAGE = 64

const { env } = process

function settings() {
  const { values } = parseArgs({
    options: { port: { type: "string" }, scenario: { type: "string" }, world: { type: "string" } },
  })
  const world = values.world ?? env.SIMULATOR_WORLD
  if (world === undefined) throw new Error("no world given: add --world world.json, or set SIMULATOR_WORLD")
  return {
    port: Number(values.port ?? env.SIMULATOR_PORT ?? 4566),
    scenario: readScenario(values.scenario ?? env.SIMULATOR_SCENARIO ?? "success"),
    world: parseWorld(world.trimStart().startsWith("{") ? world : readFileSync(world, "utf8"), "world"),
    host: "0.0.0.0",
  }
}

try {
  const chosen = settings()
  const simulator = await startSimulator(chosen)
  console.log(`${chosen.scenario.title}: AWS_ENDPOINT_URL=${simulator.url}`)
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void simulator.close().then(() => process.exit(0)))
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = USAGE
}
