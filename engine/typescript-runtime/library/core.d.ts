/** What the generated client and a module's code use of the SDK; core.js holds it. */
import type { Client } from "./client.gen.js"

/** Where a session's output goes. */
export interface ConnectOpts {
  Workdir?: string
  LogOutput?: NodeJS.WritableStream
}

/** What {@link connect} runs. */
export type CallbackFct = (client: Client) => Promise<void>

/** Runs a function with the global client connected. */
export function connection(run: () => Promise<void>, options?: ConnectOpts): Promise<void>

/** Runs a function with a client of its own. */
export function connect(run: CallbackFct, options?: ConnectOpts): Promise<void>

/** A query under construction. */
export class Context {
  copy(): Context
  select(operation: string, args?: Record<string, unknown>): Context
  selectNode(id: string, typeName: string): Context
  execute<T>(): Promise<T>
  // biome-ignore lint/suspicious/noExplicitAny: the GraphQL client's own types are not part of the library
  getGQLClient(): any
}

/** How a function is exposed. */
export interface FunctionOptions {
  /** The name to expose instead of the method's. */
  alias?: string
  /** How long results are kept: "never", "session", or a duration like "10m". */
  cache?: string
}

/** Where an argument's value comes from when it isn't given. */
export interface ArgumentOptions {
  /** A path in the context directory, for a Directory or a File. */
  defaultPath?: string
  /** An address, for a Container. */
  defaultAddress?: string
  /** Patterns of what to leave out of a Directory. */
  ignore?: string[]
}

type Decorator = (target: object, key: string | symbol, descriptor?: PropertyDescriptor) => void

/** Exposes a class. */
export function object(): <T extends new (...args: never[]) => unknown>(type: T) => T
/** Exposes a method or a field. */
export function func(options?: FunctionOptions | string): Decorator
/** Makes a function one of the module's checks. */
export function check(): Decorator
/** Makes a function one of the module's generators. */
export function generate(): Decorator
/** Makes a function one of the module's services. */
export function up(): Decorator
/** Says where an argument's value comes from. */
export function argument(
  options?: ArgumentOptions,
): (target: object, key: string | symbol | undefined, index: number) => void
/** @deprecated use `func` */
export function field(alias?: string): Decorator
/** @deprecated use an `enum` */
export function enumType(): <T extends new (...args: never[]) => unknown>(type: T) => T
/** Runs a module the stock way. */
export function entrypoint(files: string[]): Promise<void>

/** Makes spans that show in the run's progress. */
export function getTracer(name?: string): Tracer

export interface Tracer {
  startSpan(name: string, attributes?: Record<string, unknown>): Span
  startActiveSpan<T>(
    name: string,
    run: (span: Span) => Promise<T>,
    attributes?: Record<string, unknown>,
  ): Promise<T>
}

export interface Span {
  end(): void
  setAttribute(key: string, value: unknown): this
}
