import { type Container, type Directory, dag, type Platform } from "@dagger.io/dagger"
import { onScratch } from "../project/dockerfile/stages.js"
import type { Dockerfile } from "../project/project.js"

/** Instructions whose settings the API of Dagger cannot read or write. */
const LOST = /^(?:HEALTHCHECK|ONBUILD|SHELL|STOPSIGNAL|VOLUME)$/

/** An image for the platform that was asked for, or why it is for another. */
export type OnPlatform =
  | { readonly container: Container; readonly platform: Platform }
  | { readonly container: null; readonly platform: Platform; readonly why: string }

/**
 * Returns a built image with the platform that it was built for.
 *
 * Dagger 0.21 gives what begins with `FROM scratch` the engine's platform, whatever was built into it
 * (`scratchContainerID` in util/llbtodagger/convert.go). Any other image has its base's: one that exists for a single
 * platform is taken for any.
 *
 * @param platform null for the engine's own.
 * @param source the files that it was built from.
 */
export async function onPlatform(
  container: Container,
  platform: Platform | null,
  { file, args, target }: Dockerfile,
  source: Directory,
): Promise<OnPlatform> {
  const made = await container.platform()
  if (platform === null || made === platform) return { container, platform: made }
  const instructions = onScratch(await source.file(file).contents(), args, target)
  const lost = instructions?.find((instruction) => LOST.test(instruction.name))
  if (lost)
    return {
      container: null,
      platform,
      why: `Dagger gives an image from scratch the platform ${made}, and Slipway cannot carry ${lost.name} (${file}:${lost.line}) over to another`,
    }
  if (instructions === null) return { container: null, platform, why: `the image came out for ${made}` }
  return { container: await withSettings(dag.container({ platform }), container), platform }
}

/** Gives a container the files and settings of another. */
async function withSettings(empty: Container, from: Container): Promise<Container> {
  const [user, workdir, variables, labels, ports, entrypoint, args] = await Promise.all([
    from.user(),
    from.workdir(),
    named(await from.envVariables()),
    named(await from.labels()),
    portsOf(from),
    from.entrypoint(),
    from.defaultArgs(),
  ])
  const filled = empty.withRootfs(from.rootfs()).withEntrypoint(entrypoint)
  const owned = user === "" ? filled : filled.withUser(user)
  const placed = (workdir === "" ? owned : owned.withWorkdir(workdir)).withDefaultArgs(args)
  const set = variables.reduce((made, [name, value]) => made.withEnvVariable(name, value), placed)
  const labelled = labels.reduce((made, [name, value]) => made.withLabel(name, value), set)
  return ports.reduce((made, [port, protocol]) => made.withExposedPort(port, { protocol }), labelled)
}

/** What the engine's lists of variables and labels have in common. */
interface Named {
  readonly name: () => Promise<string>
  readonly value: () => Promise<string>
}

const named = (all: readonly Named[]): Promise<readonly (readonly [string, string])[]> =>
  Promise.all(all.map(async (one) => [await one.name(), await one.value()] as const))

const portsOf = async (container: Container) =>
  Promise.all(
    (await container.exposedPorts()).map(async (port) => [await port.port(), await port.protocol()] as const),
  )
