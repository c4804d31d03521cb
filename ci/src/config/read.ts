import type { Directory } from "@dagger.io/dagger"
import { engineFilter, escapeGlob } from "../formats/glob.js"
import { Fault } from "../run/fault.js"
import type { Config, ConfigReader } from "./config.js"

/** The file that overrides what is detected. */
export const CONFIG_FILE = "slipway.yaml"

/** A repository with its configuration: all that is needed where no package is. */
export interface Configured {
  readonly config: Config
  /** The files, without those that the configuration ignores. */
  readonly source: Directory
  /** The path of each of them, sorted. */
  readonly files: readonly string[]
}

/**
 * Reads slipway.yaml, and lists the files that it does not ignore. Looks into no other file.
 *
 * @throws {Fault} `configuration` with line and column.
 */
export async function readConfiguration(
  folder: Directory,
  reader: ConfigReader<Config>,
): Promise<Configured> {
  const files = await folder.glob("**/*")
  const config = await readConfig(folder, files, reader)
  const exclude = [...config.ignore, ...(config.results?.folder ? [escapeGlob(config.results.folder)] : [])]
  const ignores = exclude.length > 0
  const source = ignores ? folder.filter(engineFilter({ exclude })) : folder
  const kept = ignores ? await source.glob("**/*") : files
  return { config, source, files: kept.filter((file) => !file.endsWith("/")).sort() }
}

async function readConfig(
  folder: Directory,
  files: readonly string[],
  { parseConfig, defaultConfig }: ConfigReader<Config>,
): Promise<Config> {
  const other = CONFIG_FILE.replace(".yaml", ".yml")
  if (files.includes(CONFIG_FILE)) return parseConfig(await folder.file(CONFIG_FILE).contents())
  if (!files.includes(other)) return defaultConfig()
  throw new Fault("configuration", {
    what: `the configuration is called ${CONFIG_FILE}`,
    where: other,
    fix: `rename it to ${CONFIG_FILE}`,
  })
}
