/**
 * The library that a module's code and its generated client import, bundled with the client into one file per
 * schema. A module may import the names that the stock SDK gives, and no others: errors are told apart by their
 * `name`, as on a stock engine.
 */
export { Context } from "sdk:common/context.js"
export { connect, connection } from "sdk:connect.js"
export { argument, check, enumType, field, func, generate, object, up } from "sdk:module/decorators.js"
export { answerCall } from "./call.js"
export { use as useTelemetry } from "./trace.js"
