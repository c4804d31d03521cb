import { randomUUID } from "node:crypto"
import { overlaps, type Interval } from "../../../src/domain/interval.js"
import type {
  Appointment,
  AuditEntry,
  ListedAppointment,
  Patient,
  Practitioner,
} from "../../../src/model.js"
import type { Database, Transaction } from "../../../src/ports.js"

interface Tables {
  readonly practitioners: readonly Practitioner[]
  readonly patients: readonly Patient[]
  readonly appointments: readonly Appointment[]
  readonly audit: readonly AuditEntry[]
  readonly sequence: number
}

const EMPTY: Tables = { practitioners: [], patients: [], appointments: [], audit: [], sequence: 0 }

/** The ports kept in memory; like the real database it forgets what a failed transaction wrote. */
export interface MemoryDatabase extends Database {
  readonly tables: () => Tables
  readonly breakWith: (error: Error) => void
}

export function memoryDatabase(): MemoryDatabase {
  let tables = EMPTY
  let broken: Error | undefined
  const fail = (): void => {
    if (broken) throw broken
  }
  const put = (changes: Partial<Tables>): void => {
    tables = { ...tables, ...changes }
  }
  return {
    tables: () => tables,
    breakWith(error) {
      broken = error
    },
    ping: async () => {
      await Promise.resolve()
      fail()
    },
    async transaction(work) {
      fail()
      const before = tables
      try {
        return await work(stores(() => tables, put))
      } catch (error) {
        tables = before
        throw error
      }
    },
  }
}

function stores(tables: () => Tables, put: (changes: Partial<Tables>) => void): Transaction {
  const done = <T>(value: T): Promise<T> => Promise.resolve(value)
  const busy = (of: (appointment: Appointment) => boolean, within: Interval): Interval[] =>
    tables()
      .appointments.filter((one) => of(one) && !["cancelled", "no-show"].includes(one.status))
      .map(({ startsAt, endsAt }) => ({ start: startsAt, end: endsAt }))
      .filter((taken) => overlaps(taken, within))
  return {
    practitioners: {
      insert(input) {
        const practitioner = { id: randomUUID(), ...input }
        put({ practitioners: [...tables().practitioners, practitioner] })
        return done(practitioner)
      },
      find: (id) => done(tables().practitioners.find((one) => one.id === id)),
      list: () => done(tables().practitioners),
    },
    patients: {
      nextSequence() {
        put({ sequence: tables().sequence + 1 })
        return done(tables().sequence)
      },
      insert(input) {
        const patient = { id: randomUUID(), ...input }
        put({ patients: [...tables().patients, patient] })
        return done(patient)
      },
      find: (id) => done(tables().patients.find((one) => one.id === id)),
      findByRecordNumber: (number) =>
        done(tables().patients.find((one) => one.recordNumber === number)),
      search: (name, birthDate) =>
        done(
          tables().patients.filter((one) => one.familyName === name && one.birthDate === birthDate),
        ),
      setContact(id, contact) {
        put({
          patients: tables().patients.map((one) => (one.id === id ? { ...one, ...contact } : one)),
        })
        return done(undefined)
      },
    },
    appointments: {
      insert(input) {
        const appointment = { id: randomUUID(), ...input }
        put({ appointments: [...tables().appointments, appointment] })
        return done(appointment)
      },
      findForUpdate: (id) => done(tables().appointments.find((one) => one.id === id)),
      setStatus(id, status) {
        const { appointments } = tables()
        put({ appointments: appointments.map((one) => (one.id === id ? { ...one, status } : one)) })
        return done(undefined)
      },
      listStarting: (within) =>
        done(
          tables()
            .appointments.filter(({ startsAt: at }) => at >= within.start && at < within.end)
            .map((one): ListedAppointment => ({ ...one, patientName: "", practitionerName: "" })),
        ),
      busyPractitioner: (id, within) => done(busy((one) => one.practitionerId === id, within)),
      busyPatient: (id, within) => done(busy((one) => one.patientId === id, within)),
    },
    audit: {
      append(entries) {
        put({ audit: [...tables().audit, ...entries] })
        return done(undefined)
      },
      ofPatient: (id) =>
        done(
          tables()
            .audit.filter((one) => one.patientId === id)
            .map((one) => ({ ...one, at: new Date(0) })),
        ),
    },
  }
}
