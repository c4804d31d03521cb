/**
 * Stands in for `@opentelemetry/api` and the SDK's telemetry inside a function call that makes no spans of its
 * own: every request names the call's span as its parent, and nothing is exported. A module that does make spans
 * has telemetry.ts loaded first, which puts the real one in {@link use}.
 */
export interface Telemetry {
  initialize(): void
  close(): Promise<void>
  /** Runs a function with the call's span as the active one. */
  within<T>(run: () => T): T
  /** The headers that name the active span. */
  headers(): Readonly<Record<string, string>>
}

const parent = process.env.TRACEPARENT
const fixed: Readonly<Record<string, string>> = parent ? { traceparent: parent } : {}

let current: Telemetry = {
  initialize() {},
  close: async () => {},
  within: (run) => run(),
  headers: () => fixed,
}

/** Makes `telemetry` the one that connections and requests use. */
export function use(telemetry: Telemetry): void {
  current = telemetry
}

/** Of the SDK's telemetry: begins to export spans, where a module makes any. */
export const initialize = (): void => current.initialize()
/** Of the SDK's telemetry: exports what is left. */
export const close = (): Promise<void> => current.close()
/** Of a context in `@opentelemetry/api`: the active span is held here instead. */
export const getContext = (): null => null
/** `context` of `@opentelemetry/api`, as far as the SDK's connect.js uses it. */
export const context = { with: <T>(_context: null, run: () => T): T => current.within(run) }
/** `propagation` of `@opentelemetry/api`, as far as the SDK's client uses it. */
export const propagation = { headers: (): Readonly<Record<string, string>> => current.headers() }
