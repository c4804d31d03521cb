/**
 * The parts of the npm SDK that are bundled here. They lie behind its package's `exports`, so the build resolves
 * `sdk:` to the package's folder, and `runtime:sdk` to the library of the module at hand.
 */
declare module "sdk:module/introspector/index.js" {
  export function scan(
    files: readonly string[],
    moduleName: string,
    loadModule: boolean,
  ): Promise<import("./tools/scanned.js").ScannedModule>
}
declare module "sdk:module/introspector/case_convertor.js" {
  export function convertToPascalCase(name: string): string
}
declare module "sdk:module/executor.js" {
  export class Executor {
    constructor(modules: readonly object[], module: object)
  }
}
declare module "sdk:module/entrypoint/invoke.js" {
  export interface Invocation {
    readonly parentName: string
    readonly fnName: string
    readonly parentArgs: Readonly<Record<string, unknown>>
    readonly fnArgs: Readonly<Record<string, unknown>>
  }
  export function invoke(
    executor: import("sdk:module/executor.js").Executor,
    module: object,
    call: Invocation,
  ): Promise<unknown>
}
declare module "sdk:module/decorators.js" {
  export const argument: unknown
  export const check: unknown
  export const enumType: unknown
  export const field: unknown
  export const func: unknown
  export const generate: unknown
  export const object: unknown
  export const up: unknown
}
declare module "sdk:connect.js" {
  export function connection(run: () => Promise<void>, options?: object): Promise<void>
  export function connect(run: (client: unknown) => Promise<unknown>, options?: object): Promise<unknown>
}
declare module "sdk:common/context.js" {
  export class Context {}
}
declare module "sdk:common/errors/ExecError.js" {
  export class ExecError extends Error {
    readonly extensions?: Readonly<Record<string, unknown>>
  }
}
declare module "sdk:common/errors/GraphQLRequestError.js" {
  export class GraphQLRequestError extends Error {
    readonly extensions?: Readonly<Record<string, unknown>>
  }
}
declare module "sdk:api/client.gen.js" {
  export interface ReturnedError {
    withValue(name: string, value: string): ReturnedError
  }
  export const dag: {
    getGQLClient(): import("./runtime/http.js").GraphQLClient
    currentFunctionCall(): {
      returnValue(value: string): Promise<void>
      returnError(error: ReturnedError): Promise<void>
    }
    error(message: string): ReturnedError
  }
}
declare module "sdk:telemetry/telemetry.js" {
  export function initialize(): void
  export function close(): Promise<void>
  export function getContext(): import("@opentelemetry/api").Context
  export function getTracer(name?: string): unknown
}
declare module "runtime:sdk" {
  export function useTelemetry(telemetry: import("./runtime/trace.js").Telemetry): void
  export function answerCall(entry: import("./runtime/call.js").Entry): Promise<void>
}
declare module "runtime:module" {
  export const modules: readonly object[]
}
declare module "runtime:telemetry" {
  export function getTracer(name?: string): unknown
}
