import process from "node:process"
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from "fastify"
import type pg from "pg"
import { openPool, postgresDatabase } from "../../../src/db/database.js"
import { buildApp } from "../../../src/http/app.js"

/** Monday 2 March 2026, 08:00 in Berlin. */
const NOW = new Date("2026-03-02T07:00:00Z")

interface Api {
  readonly app: FastifyInstance
  readonly pool: pg.Pool
  readonly call: (
    method: "GET" | "POST" | "PUT",
    url: string,
    payload?: InjectOptions["payload"],
    user?: string,
  ) => Promise<LightMyRequestResponse>
  readonly close: () => Promise<void>
}

export function databaseUrl(): string {
  const url = process.env["DATABASE_URL"]
  if (!url) throw new Error("the integration tests need DATABASE_URL, migrated by db:migrate")
  return url
}

export function openApi(url = databaseUrl()): Api {
  const pool = openPool(url)
  const database = postgresDatabase(pool)
  const app = buildApp({ database, now: () => NOW, timeZone: "Europe/Berlin", logLevel: "silent" })
  return {
    app,
    pool,
    call: (method, url, payload, user = "front-desk") =>
      app.inject({
        method,
        url,
        headers: { "x-medflow-user": user },
        ...(payload === undefined ? {} : { payload }),
      }),
    close: async () => {
      await app.close()
      await pool.end()
    },
  }
}

/**
 * The audit log can't be emptied, so that tests don't clean up: each works with a patient and a
 * practitioner of its own.
 */
export async function newPatient(api: Api, changes: Record<string, string> = {}): Promise<string> {
  const patient = {
    givenName: "Testa",
    familyName: "Musterfrau",
    birthDate: "1980-05-17",
    ...changes,
  }
  return created(await api.call("POST", "/api/patients", patient))
}

export async function newPractitioner(api: Api): Promise<string> {
  const hours = [1, 2, 3, 4, 5].map((weekday) => ({ weekday, opens: 540, closes: 1020 }))
  const practitioner = { fullName: "Dr Beispiel", specialty: "Cardiology", hours }
  return created(await api.call("POST", "/api/practitioners", practitioner))
}

export function created(response: LightMyRequestResponse): string {
  if (response.statusCode !== 201) throw new Error(`not created: ${response.body}`)
  return response.json<{ id: string }>().id
}
