import { readFileSync } from "node:fs"
import { dag, type ReturnedError } from "sdk:api/client.gen.js"
import { ExecError } from "sdk:common/errors/ExecError.js"
import { GraphQLRequestError } from "sdk:common/errors/GraphQLRequestError.js"
import { connection } from "sdk:connect.js"
import { type Invocation, invoke } from "sdk:module/entrypoint/invoke.js"
import { Executor } from "sdk:module/executor.js"
import { convertToPascalCase as pascalCase } from "sdk:module/introspector/case_convertor.js"
import type { CalledModule } from "../description.js"
import { close } from "./trace.js"
import { revive } from "./types.js"

/** What the entry hands over: the module's types, and how to load its code and the span exporter. */
export interface Entry {
  readonly types: URL
  readonly modules: () => Promise<{ readonly modules: readonly object[] }>
  readonly telemetry: () => Promise<unknown>
}

/** Answers the function call of this process's session. Ends the process with 1 when the function throws. */
export async function answerCall(entry: Entry): Promise<void> {
  const types: CalledModule = JSON.parse(readFileSync(entry.types, "utf8"))
  if (types.telemetry) await entry.telemetry()
  await connection(
    async () => {
      // The module's code loads while the engine answers.
      const [call, { modules }] = await Promise.all([functionCall(types), entry.modules()])
      let result: unknown
      try {
        result = await invoke(new Executor(modules, call.module), call.module, call.invocation)
      } catch (error) {
        await dag.currentFunctionCall().returnError(returned(error))
        await close()
        process.exit(1)
      }
      await dag.currentFunctionCall().returnValue(JSON.stringify(result ?? null))
    },
    { LogOutput: process.stdout },
  )
}

/** Asks for everything about the call at once. */
async function functionCall(types: CalledModule): Promise<{ invocation: Invocation; module: CalledModule }> {
  // The name that the module is loaded under prefixes its interfaces in the engine; nothing else needs it.
  const named = Object.keys(types.interfaces).length > 0
  const { currentFunctionCall: call, currentModule } = (await dag
    .getGQLClient()
    .request(
      `{currentFunctionCall{name parentName parent inputArgs{name value}}${named ? " currentModule{name}" : ""}}`,
    )) as Answer
  if (call.parentName === "")
    throw new Error("the types of this module are registered by moduleTypes, not by a call")
  return {
    module: revive(currentModule ? { ...types, name: pascalCase(currentModule.name) } : types),
    invocation: {
      parentName: call.parentName,
      fnName: call.name,
      parentArgs: JSON.parse(call.parent) ?? {},
      fnArgs: Object.fromEntries(call.inputArgs.map(({ name, value }) => [name, JSON.parse(value)])),
    },
  }
}

interface Answer {
  readonly currentFunctionCall: {
    readonly name: string
    readonly parentName: string
    readonly parent: string
    readonly inputArgs: readonly { readonly name: string; readonly value: string }[]
  }
  readonly currentModule?: { readonly name: string }
}

/** What the engine is told of a thrown value: its message, and for errors of the engine's own their details. */
function returned(error: unknown): ReturnedError {
  if (!(error instanceof Error)) return dag.error(printed(error))
  const details =
    error instanceof ExecError || error instanceof GraphQLRequestError ? error.extensions : undefined
  return Object.entries(details ?? {})
    .filter(([, value]) => value !== "" && value !== undefined && value !== null)
    .reduce((all, [name, value]) => all.withValue(name, JSON.stringify(value)), dag.error(error.message))
}

function printed(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return String(value)
  }
}
