import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from "fastify"
import { buildApp } from "../../../src/http/app.js"
import { NOW, WEEK, ZONE } from "./fixtures.js"
import { memoryDatabase, type MemoryDatabase } from "./memoryDatabase.js"

export interface TestApp {
  readonly app: FastifyInstance
  readonly database: MemoryDatabase
  readonly log: readonly string[]
  readonly call: (
    method: "GET" | "POST" | "PUT",
    url: string,
    payload?: InjectOptions["payload"],
  ) => Promise<LightMyRequestResponse>
}

export function testApp(): TestApp {
  const database = memoryDatabase()
  const log: string[] = []
  const app = buildApp({
    database,
    now: () => NOW,
    timeZone: ZONE,
    logLevel: "info",
    logStream: { write: (line) => log.push(line) },
  })
  return {
    app,
    database,
    log,
    call: (method, url, payload) =>
      app.inject({
        method,
        url,
        headers: { "x-medflow-user": "front-desk" },
        ...(payload === undefined ? {} : { payload }),
      }),
  }
}

export const PATIENT = {
  givenName: "Testa",
  familyName: "Musterfrau",
  birthDate: "1980-05-17",
  phone: "+49 30 5550100",
  email: null,
}

export const PRACTITIONER = { fullName: "Dr Beispiel", specialty: "Cardiology", hours: [...WEEK] }

/** The id that a creating call answers with. */
export function idIn(response: LightMyRequestResponse): string {
  const { id } = response.json<{ id: string }>()
  return id
}
