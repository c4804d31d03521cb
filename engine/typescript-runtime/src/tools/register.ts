/**
 * `node register.mjs <registration.json>`: tells the engine a module's types, and leaves the module's id in
 * `$TYPEDEF_OUTPUT_FILE`.
 */
import * as fs from "node:fs"
import { ClientError, GraphQLClient } from "../runtime/http.js"
import { propagation } from "../runtime/trace.js"
import { registered } from "./definitions.js"
import { Ids } from "./query.js"

const [file = ""] = process.argv.slice(2)
const session = {
  port: Number(process.env.DAGGER_SESSION_PORT),
  token: process.env.DAGGER_SESSION_TOKEN ?? "",
}
const ids = new Ids(new GraphQLClient(session, propagation.headers))
try {
  const id = await registered(JSON.parse(fs.readFileSync(file, "utf8")), ids)
  fs.writeFileSync(process.env.TYPEDEF_OUTPUT_FILE ?? "/module-id.json", JSON.stringify(id))
} catch (error) {
  console.error(error instanceof ClientError ? error.response.errors?.[0]?.message : error)
  process.exit(1)
}
