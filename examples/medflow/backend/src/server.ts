import process from "node:process"
import { readConfig } from "./config.js"
import { openPool, postgresDatabase } from "./db/database.js"
import { buildApp } from "./http/app.js"

const config = readConfig(process.env)
const pool = openPool(config.databaseUrl)
const app = buildApp({
  database: postgresDatabase(pool),
  now: () => new Date(),
  timeZone: config.timeZone,
  logLevel: config.logLevel,
})

// Without a listener an idle connection that the database drops would end the process.
pool.on("error", (error) => {
  app.log.warn({ err: error }, "an idle database connection was lost")
})
app.addHook("onClose", () => pool.end())

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    app.log.info({ signal }, "shutting down")
    // Stops accepting, lets requests in flight finish, then the pool closes and the process ends.
    app.close().catch((error: unknown) => {
      app.log.error({ err: error }, "shutdown failed")
      process.exitCode = 1
    })
  })
}

await app.listen({ host: config.host, port: config.port })
