import { z } from "zod"

const environment = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, hostname: /.*/ }),
  HOST: z.string().default("0.0.0.0"),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  CLINIC_TIME_ZONE: z.string().refine(isTimeZone, "not an IANA time zone").default("Europe/Berlin"),
})

export interface Config {
  readonly databaseUrl: string
  readonly host: string
  readonly port: number
  readonly logLevel: string
  readonly timeZone: string
}

/** Names the variables that are wrong and not their values, which hold a password. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const parsed = environment.safeParse(env)
  if (!parsed.success) {
    const names = parsed.error.issues.map((issue) => issue.path.join("."))
    throw new Error(`missing or wrong in the environment: ${names.join(", ")}`)
  }
  return {
    databaseUrl: parsed.data.DATABASE_URL,
    host: parsed.data.HOST,
    port: parsed.data.PORT,
    logLevel: parsed.data.LOG_LEVEL,
    timeZone: parsed.data.CLINIC_TIME_ZONE,
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name })
    return true
  } catch {
    return false
  }
}
