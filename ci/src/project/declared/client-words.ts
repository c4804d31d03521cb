import { quote } from "../../run/command.js"
import type { ShellCommand } from "../shell-words.js"
import type { Env, Technology } from "./found.js"
import { MYSQL, POSTGRESQL, REDIS } from "./technologies.js"

/** How the clients of a technology are told what to do, and where. */
export interface Clients {
  readonly technology: Technology
  /** Matches their programs. */
  readonly programs: RegExp
  /** Options that name a host, a port, and a file of commands, by their short and long names. */
  readonly host: readonly string[]
  readonly port: readonly string[]
  readonly file: readonly string[]
  /** Matches options by which they are told what to do; others read it from standard input. Null for those that never do. */
  readonly told: RegExp | null
  /** Variables that name a host and a port, and a pattern of all that they read. */
  readonly variables: { readonly host: string; readonly port: string; readonly all: RegExp }
  /** What the shell of a container sets for them. */
  readonly set: string
}

const ofPostgres = {
  technology: POSTGRESQL,
  host: ["-h", "--host"],
  port: ["-p", "--port"],
  variables: { host: "PGHOST", port: "PGPORT", all: /^PG[A-Z]+$/ },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell of the container replaces them
  set: 'PGUSER="${POSTGRES_USER:-postgres}" PGPASSWORD="$POSTGRES_PASSWORD"',
}

const ofMysql = {
  technology: MYSQL,
  host: ["-h", "--host"],
  port: ["-P", "--port"],
  file: [],
  variables: { host: "MYSQL_HOST", port: "MYSQL_TCP_PORT", all: /^MYSQL_(?:PWD|HOST|TCP_PORT)$/ },
  set: "",
}

/** The clients whose commands are understood. */
export const CLIENTS: readonly Clients[] = [
  {
    ...ofPostgres,
    programs: /^psql$/,
    file: ["-f", "--file"],
    told: /^(?:-[a-zA-Z]*[cf]|--command|--file)(?:$|=)|^-[cf]./,
  },
  { ...ofPostgres, programs: /^(?:create|drop)(?:db|user)$/, file: [], told: null },
  { ...ofMysql, programs: /^(?:mysql|mariadb)$/, told: /^(?:-[a-zA-Z]*e|--execute)(?:$|=)|^-e./ },
  { ...ofMysql, programs: /^(?:mysqladmin|mariadb-admin)$/, told: null },
  {
    technology: REDIS,
    programs: /^(?:redis|valkey)-cli$/,
    host: ["-h"],
    port: ["-p"],
    file: [],
    told: null,
    variables: { host: "", port: "", all: /^REDISCLI_AUTH$/ },
    set: "",
  },
]

/** A place that a command names; null for what it leaves out. */
export interface ServerPlace {
  readonly host: string | null
  readonly port: number | null
}

/** Returns what a word gives to one of some options: `-p5432`, `--port=5432`, or the word behind it. */
export function optionAt(words: ShellCommand, i: number, options: readonly string[]) {
  const word = words[i] ?? ""
  if (i > 0 && options.includes(words[i - 1] ?? "")) return { option: "", value: word }
  const glued = options
    .map((name) => (name.startsWith("--") ? `${name}=` : name))
    .find((name) => word.startsWith(name) && word !== name)
  return glued === undefined
    ? { option: "", value: null }
    : { option: glued, value: word.slice(glued.length) }
}

/** `postgres://user:password@host:5432/app`. */
const URL_PLACE = /^(?<before>\w+:\/\/(?:[^@/]*@)?)(?<host>[\w.-]+)(?::(?<port>\d+))?/

/** Returns the server that a command is for, by its words and variables. */
export function placeOf(words: ShellCommand, { host, port, variables }: Clients, env: Env): ServerPlace {
  const given = (options: readonly string[]) =>
    words.flatMap((_, i) => optionAt(words, i, options).value ?? [])[0]
  const url = words.map((word) => URL_PLACE.exec(word)?.groups).find(Boolean)
  const number = Number(given(port) ?? url?.port ?? env[variables.port] ?? "")
  return {
    host: given(host) ?? url?.host ?? env[variables.host] ?? null,
    port: Number.isInteger(number) && number > 0 ? number : null,
  }
}

const HERE = "127.0.0.1"

/** Returns a command with the place of the server in the server's own container. @param own the port that it listens on. */
export const wordsThere = (words: ShellCommand, { host, port }: Clients, own: number): ShellCommand =>
  words.map((word, i) => {
    const [ofHost, ofPort] = [optionAt(words, i, host), optionAt(words, i, port)]
    if (ofHost.value !== null) return `${ofHost.option}${HERE}`
    if (ofPort.value !== null) return `${ofPort.option}${own}`
    return word.replace(URL_PLACE, (_, before) => `${before}${HERE}:${own}`)
  })

/** Returns the variables of a step that a client reads, for a shell, with the server's place in its own container. */
export function variablesThere(env: Env, { variables }: Clients, own: number): readonly string[] {
  const place: Env = { [variables.host]: HERE, [variables.port]: String(own) }
  return Object.entries(env)
    .filter(([name]) => variables.all.test(name))
    .map(([name, value]) => `${name}=${quote(place[name] ?? value)}`)
}
