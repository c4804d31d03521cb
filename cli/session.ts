import * as path from "node:path"
import { DAGGER_VERSION } from "../engine/binaries.js"
import { type Choice, choose, describe, probe } from "../engine/choose.js"
import { clientEnvironment } from "../engine/client.js"
import { findCommand } from "../engine/commands.js"
import { start } from "../engine/control.js"
import { HostFault } from "../engine/host/fault.js"
import { home } from "../engine/host/home.js"
import { layout } from "../engine/layout.js"
import { makingOnDemand } from "../engine/making.js"
import { readyParts } from "../engine/parts.js"
import { answers } from "../engine/running.js"
import { mark } from "../engine/users.js"
import { containerWatch, socketWatch, type Watch } from "../engine/watch.js"

/** A running engine, and how to run a Dagger client on it. */
export interface Session {
  readonly choice: Choice
  /** The dagger command. */
  readonly dagger: string
  /** The whole environment for it. */
  readonly env: NodeJS.ProcessEnv
  /** How to see that the engine is there; null where this machine cannot tell. */
  readonly watch: Watch | null
}

/** Returns the folder that `slipway env` puts on the PATH. */
export const wrapperFolder = (): string => path.join(home(), "bin")

/** Chooses the engine for this machine. */
export async function chosen(env = process.env): Promise<Choice> {
  return choose(await probe(env, wrapperFolder()))
}

/** Starts the chosen engine where needed, prints which one it is, and returns how to reach it. */
export async function openSession(): Promise<Session> {
  const choice = await chosen()
  process.stderr.write(`${describe(choice)}\n`)
  if (choice.warning) process.stderr.write(`  ${choice.warning}\n`)
  switch (choice.kind) {
    case "named":
      return named(choice)
    case "stock":
      return stock(choice)
    case "embedded": {
      const parts = await start()
      mark("uses")
      const env = { ...clean(process.env), ...clientEnvironment(parts) }
      return { choice, dagger: path.join(parts.bin, "dagger"), env, watch: socketWatch(layout().socket) }
    }
  }
}

/** Runs `body`. Where `wanted`, an embedded engine makes the images that take minutes, instead of refusing them. */
export const withSlowImages = <T>(
  { choice }: Session,
  wanted: boolean,
  body: () => Promise<T>,
): Promise<T> => (wanted && choice.kind === "embedded" ? makingOnDemand(body) : body())

async function named(choice: Extract<Choice, { kind: "named" }>): Promise<Session> {
  const socket = /^unix:\/\/(.+)$/.exec(choice.address)?.[1] ?? null
  if (socket !== null && !(await answers(socket)))
    throw new HostFault(
      "engine-lost",
      `no engine answers at ${choice.address} (from _EXPERIMENTAL_DAGGER_RUNNER_HOST)`,
      "start that engine, or unset the variable: Slipway then starts one on this machine",
    )
  const built = readyParts()
  const dagger =
    process.env._EXPERIMENTAL_DAGGER_CLI_BIN ||
    findCommand("dagger", process.env.PATH ?? "", wrapperFolder()) ||
    (built && path.join(built.bin, "dagger"))
  if (!dagger)
    throw new HostFault(
      "tool-missing",
      "dagger not found: the engine in _EXPERIMENTAL_DAGGER_RUNNER_HOST needs a client",
      `put dagger ${DAGGER_VERSION} on the PATH, or unset _EXPERIMENTAL_DAGGER_RUNNER_HOST`,
    )
  return { choice, dagger, env: clean(process.env), watch: socket === null ? null : socketWatch(socket) }
}

function stock(choice: Extract<Choice, { kind: "stock" }>): Session {
  const env = clean(process.env)
  const { path: dagger, image } = choice.dagger
  const watch = image === null ? null : containerWatch(choice.runtime.command, image, env)
  return { choice, dagger, env, watch }
}

/** Removes an empty `DAGGER_SESSION_PORT` from an environment: it breaks the client. */
function clean(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { DAGGER_SESSION_PORT: port, ...rest } = env
  return { ...rest, ...(port ? { DAGGER_SESSION_PORT: port } : {}), DAGGER_NO_NAG: "1", DO_NOT_TRACK: "1" }
}

/** The fault of a client that does not start. */
export function doesNotStart(session: Session, error: Error): HostFault {
  return new HostFault(
    "tool-missing",
    `cannot run ${session.dagger}: ${error.message}`,
    "check this machine with `slipway doctor`",
  )
}
