import { type Container, dag } from "@dagger.io/dagger"
import type { Config } from "../config/config.js"
import { WORKDIR, withEnvironment } from "../run/stage.js"

/** Holds Slipway's own files in a container. */
export const TOOLS = "/slipway-terraform"
const CLI_CONFIG = `${TOOLS}/cli.tfrc`

/** Turns off prompts and the check for new versions. */
const QUIET = {
  TF_IN_AUTOMATION: "1",
  TF_INPUT: "0",
  CHECKPOINT_DISABLE: "1",
  TF_CLI_CONFIG_FILE: CLI_CONFIG,
} as const

/** Returns the CLI configuration: where providers come from. */
export function cliConfig({ folder, mirror }: Config["terraform"]["providers"]): string {
  const sources = [
    ...(folder === null ? [] : [source("filesystem_mirror", "path", `${WORKDIR}/${folder}`)]),
    ...(mirror === null ? [] : [source("network_mirror", "url", mirror)]),
  ]
  const installation = sources.length === 0 ? "" : `provider_installation {\n${sources.join("\n")}\n}\n`
  return `disable_checkpoint = true\n${installation}`
}

const source = (block: string, name: string, value: string) =>
  `  ${block} {\n    ${name} = ${JSON.stringify(value)}\n  }`

/** Prepares a container to run Terraform unattended, with the project's settings. */
export const quiet = (container: Container, settings: Config["terraform"]): Container =>
  withEnvironment(
    container.withDirectory(TOOLS, dag.directory()).withNewFile(CLI_CONFIG, cliConfig(settings.providers)),
    QUIET,
  )
