import type { Env, Technology } from "./found.js"

/** Variables by which databases start without a password. */
const OPEN = /^(?:POSTGRES_HOST_AUTH_METHOD|\w+_(?:ALLOW_EMPTY|RANDOM)_(?:ROOT_)?PASSWORD)$/

/**
 * Gives a database the user, password and name of one that nobody describes, where its file has variables without a value
 * for them: without a password it does not start.
 */
export function withAccess(technology: Technology | null, env: Env): Env {
  const usual = technology?.unasked?.env ?? {}
  if (Object.keys(env).some((name) => OPEN.test(name))) return env
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      value === "" ? (usual[name.replace(/^MARIADB_/, "MYSQL_")] ?? value) : value,
    ]),
  )
}
