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

// What the SDK's connect.js takes from its telemetry and from the API package.
export const initialize = (): void => current.initialize()
export const close = (): Promise<void> => current.close()
export const getContext = (): null => null
export const context = { with: <T>(_context: null, run: () => T): T => current.within(run) }
export const propagation = { headers: (): Readonly<Record<string, string>> => current.headers() }
