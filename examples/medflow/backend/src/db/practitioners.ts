import type { Practitioner } from "../model.js"
import type { PractitionerStore } from "../ports.js"
import { onlyRow, rows, type Queryable } from "./rows.js"

const SELECT = `
  SELECT p.id, p.full_name AS "fullName", p.specialty,
    coalesce(
      json_agg(
        json_build_object('weekday', h.weekday, 'opens', h.opens_minute, 'closes', h.closes_minute)
        ORDER BY h.weekday, h.opens_minute
      ) FILTER (WHERE h.weekday IS NOT NULL),
      '[]'
    ) AS hours
  FROM practitioners p LEFT JOIN practitioner_hours h ON h.practitioner_id = p.id`

const INSERT_HOURS = `
  INSERT INTO practitioner_hours (practitioner_id, weekday, opens_minute, closes_minute)
  SELECT $1, * FROM unnest($2::smallint[], $3::smallint[], $4::smallint[])`

export function practitionerStore(client: Queryable): PractitionerStore {
  return {
    async insert(input) {
      const { id } = await onlyRow<{ id: string }>(
        client,
        "INSERT INTO practitioners (full_name, specialty) VALUES ($1, $2) RETURNING id",
        [input.fullName, input.specialty],
      )
      const { hours } = input
      await client.query(INSERT_HOURS, [
        id,
        hours.map(({ weekday }) => weekday),
        hours.map(({ opens }) => opens),
        hours.map(({ closes }) => closes),
      ])
      return { id, ...input }
    },
    async find(id) {
      const [row] = await rows<Practitioner>(client, `${SELECT} WHERE p.id = $1 GROUP BY p.id`, [
        id,
      ])
      return row
    },
    list: () => rows<Practitioner>(client, `${SELECT} GROUP BY p.id ORDER BY p.full_name, p.id`),
  }
}
