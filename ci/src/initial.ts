import { dag, type File } from "@dagger.io/dagger"
import { CONFIG_FILE, readConfiguration } from "./config/read.js"
import { initText } from "./init/init.js"
import { pipelineOf } from "./run/pipeline.js"
import type { Request } from "./run/request.js"
import { GATES } from "./settings.js"
import { KINDS } from "./stages.js"

/** Writes a slipway.yaml for a request's project, as if it had none. @throws {Fault} as `plan` does. */
export async function initial({ source, links, reader }: Request, strict: boolean): Promise<File> {
  const configured = await readConfiguration(source.withoutFile(CONFIG_FILE), reader)
  const tree = { files: configured.files, read: (path: string) => configured.source.file(path).contents() }
  const found = await links(configured.config.images)
  const plan = (config: typeof configured.config) =>
    pipelineOf({ ...configured, config }, KINDS, async () => found)
  const text = await initText({ tree, strict, reader, gates: GATES, plan })
  return dag.directory().withNewFile(CONFIG_FILE, text).file(CONFIG_FILE)
}
