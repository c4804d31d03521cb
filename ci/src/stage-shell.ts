import type { Container } from "@dagger.io/dagger"
import { runThese } from "./finish.js"
import { known, pipeline } from "./run/pipeline.js"
import type { Request } from "./run/request.js"
import { select } from "./run/run.js"
import { shellOf, stageCalled } from "./run/shell.js"
import { KINDS } from "./stages.js"

/**
 * Runs a stage with those that it needs, and returns the container of its command. What ran before comes from the
 * engine's cache.
 *
 * @throws {Fault} `configuration` for a name that means no stage with a command.
 */
export async function stageShell(request: Request, name: string): Promise<Container> {
  const found = known(await pipeline(request.source, KINDS, request.reader, request.links))
  const stage = stageCalled(name, found)
  // A result of a store has no container.
  const { record, commands } = await runThese(request, found, select(found.stages, [stage.name]), true, {
    memory: null,
  })
  const own = record.stages.find((one) => one.name === stage.name)
  if (own === undefined) throw new Error(`${stage.name} is not in the record of its run`)
  return shellOf(own, commands.get(stage.name) ?? [])
}
