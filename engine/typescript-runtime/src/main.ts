/**
 * What the engine starts for a function call. V8's cache of the compiled code was filled at build time, at the
 * same paths.
 */
import { enableCompileCache } from "node:module"

enableCompileCache("/app/cache")
const { answerCall } = await import("runtime:sdk")
await answerCall({
  types: new URL("./types.json", import.meta.url),
  modules: () => import("runtime:module"),
  telemetry: () => import("runtime:telemetry"),
})
