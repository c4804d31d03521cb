import pg from "pg"
import type { Database, Transaction } from "../ports.js"
import { appointmentStore } from "./appointments.js"
import { auditStore } from "./audit.js"
import { patientStore } from "./patients.js"
import { practitionerStore } from "./practitioners.js"
import type { Queryable } from "./rows.js"

export function openPool(connectionString: string): pg.Pool {
  return new pg.Pool({
    connectionString,
    max: 10,
    connectionTimeoutMillis: 3_000,
    statement_timeout: 10_000,
  })
}

export function postgresDatabase(pool: pg.Pool): Database {
  return {
    transaction: (work) => retried(() => once(pool, work)),
    async ping() {
      await pool.query("SELECT 1")
    },
  }
}

async function once<T>(pool: pg.Pool, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query("BEGIN")
    const result = await work(storesOf(client))
    await client.query("COMMIT")
    return result
  } catch (error) {
    broken = await rollback(client)
    throw error
  } finally {
    client.release(broken)
  }
}

const ATTEMPTS = 3

/** Deadlock and serialisation failure: the server undid the transaction and asks to repeat it. */
const PASSING_CODES: readonly (string | undefined)[] = ["40P01", "40001"]

async function retried<T>(run: () => Promise<T>, attempt = 1): Promise<T> {
  try {
    return await run()
  } catch (error) {
    const passing = error instanceof pg.DatabaseError && PASSING_CODES.includes(error.code)
    if (!passing || attempt >= ATTEMPTS) throw error
    return retried(run, attempt + 1)
  }
}

/** A connection that can't even roll back is not given to the next request. */
async function rollback(client: Queryable): Promise<Error | undefined> {
  try {
    await client.query("ROLLBACK")
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error("rollback failed")
  }
}

function storesOf(client: Queryable): Transaction {
  return {
    practitioners: practitionerStore(client),
    patients: patientStore(client),
    appointments: appointmentStore(client),
    audit: auditStore(client),
  }
}
