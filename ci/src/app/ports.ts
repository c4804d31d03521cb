import { type Container, NetworkProtocol } from "@dagger.io/dagger"
import { Undescribed } from "../run/fault.js"
import type { Given } from "../run/stage.js"
import type { AppService } from "./describe.js"
import { listens } from "./listens.js"
import { lackingWord } from "./word.js"

/** What an image says of itself. */
export interface Description {
  readonly entrypoint: readonly string[]
  readonly args: readonly string[]
  readonly ports: readonly { readonly port: number; readonly protocol: NetworkProtocol }[]
  readonly shell: boolean
}

const DESCRIPTIONS = new WeakMap<Container, Promise<Description>>()

/** Several stages run the same images: each answer is a round trip to the engine. */
export function describeOnce(image: Container): Promise<Description> {
  const known = DESCRIPTIONS.get(image) ?? describeImage(image)
  DESCRIPTIONS.set(image, known)
  return known
}

async function describeImage(image: Container): Promise<Description> {
  const [entrypoint, args, exposed, shell] = await Promise.all([
    image.entrypoint(),
    image.defaultArgs(),
    image.exposedPorts(),
    image.exists("/bin/sh"),
  ])
  const ports = await Promise.all(
    exposed.map(async (port) => ({ port: await port.port(), protocol: await port.protocol() })),
  )
  return { entrypoint, args, ports, shell }
}

/** A port in a text; undefined for any other text. */
const portIn = (text: string | undefined): number | undefined =>
  /^\d{1,5}$/.test(text ?? "") ? Number(text) : undefined

/**
 * Returns the port of a service: what slipway.yaml says, its image exposes, the team's compose file names, its
 * variable PORT holds, or else where it listens when it is started.
 *
 * @param image its image.
 * @param around the image with all that it needs to start.
 * @param command runs it to see where it listens; without it, somebody must have said.
 * @throws {Undescribed} where it listens on no port.
 */
export async function servicePort(
  service: AppService,
  image: Container,
  around: Container,
  command: Given["command"] | undefined,
): Promise<number> {
  const { name, port, env, dockerfile } = service
  const { entrypoint, args, ports, shell } = await describeOnce(image)
  const exposed = ports.find(({ protocol }) => protocol === NetworkProtocol.Tcp)?.port
  const known = port ?? portIn(env.PORT) ?? exposed ?? dockerfile?.port
  const named = known ?? portIn(await image.envVariable("PORT"))
  if (named !== undefined) return named
  const words = [...entrypoint, ...args]
  const seen =
    command === undefined || !shell || words.length === 0
      ? { why: "is started by an image that exposes no port", log: "" }
      : await listens(command, around, words)
  if ("port" in seen) return seen.port
  const word = lackingWord(seen.log, name)
  throw new Undescribed(
    word ?? `${name} ${seen.why}. Name its port under \`app.services.${name}.port\` in slipway.yaml`,
  )
}
