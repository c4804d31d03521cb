export * from "./client.gen.js"
export type { CallbackFct, ConnectOpts } from "./core.js"
export {
  argument,
  Context,
  check,
  connect,
  connection,
  entrypoint,
  enumType,
  field,
  func,
  generate,
  object,
  up,
} from "./core.js"
