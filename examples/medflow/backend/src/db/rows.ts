import pg from "pg"

export type Queryable = Pick<pg.ClientBase, "query">

// A date of birth has no time zone: by default the driver turns it into local midnight, which is
// the day before in UTC.
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text)

export async function rows<Row extends pg.QueryResultRow>(
  client: Queryable,
  sql: string,
  values: unknown[] = [],
): Promise<readonly Row[]> {
  return (await client.query<Row>(sql, values)).rows
}

export async function onlyRow<Row extends pg.QueryResultRow>(
  client: Queryable,
  sql: string,
  values: unknown[] = [],
): Promise<Row> {
  const [row] = await rows<Row>(client, sql, values)
  if (!row) throw new Error("the statement returned no row")
  return row
}
