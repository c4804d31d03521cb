import { lineColumn, readYaml } from "../../config/yaml-position.js"
import { type JsonRecord, recordOf } from "../../formats/json.js"
import { either } from "../../formats/pattern.js"
import { quote } from "../../run/command.js"
import { folderOf } from "../manifest.js"
import { joinPath, pathFrom } from "../paths.js"
import { withAccess } from "./access.js"
import { builtDatabase } from "./built-database.js"
import { profilesIn } from "./compose-calls.js"
import { includedIn, servicesIn, type Texts } from "./compose-files.js"
import { extended, listOf, mergedServices, resolved, type Services, sharesNetwork } from "./compose-merge.js"
import { mountsOf, volumesOf } from "./compose-volumes.js"
import {
  bareService,
  type Compose,
  type Env,
  type FoundService,
  READY_SECONDS,
  type Ready,
  type Step,
} from "./found.js"
import { publishedPorts } from "./ports.js"
import { technologyOf } from "./technologies.js"
import { envOrExample, pairs, scalar, wordsOf } from "./values.js"

/** The files around a compose file. */
export interface Surroundings {
  /** Every file of the project. */
  readonly files: readonly string[]
  /** Env files that were read, by path. */
  readonly env: Readonly<Record<string, Env>>
  /** The compose files that others include or extend. */
  readonly texts?: Texts
  /** Dockerfiles, by path. */
  readonly dockerfiles?: Texts
  /** The variables of the shell that calls Compose, and the env files that it names in the place of `.env`. */
  readonly shell?: { readonly env: Env; readonly files: readonly string[] }
}

/** A compose file as it is. */
export interface ComposeFile {
  readonly file: string
  readonly text: string
}

/**
 * Reads a compose file, and others that override it and add to it.
 *
 * @returns null for a file that is no valid YAML.
 * @see https://docs.docker.com/reference/compose-file/
 */
export function readCompose(
  { file, text }: ComposeFile,
  around: Surroundings,
  others: readonly ComposeFile[] = [],
): Compose | null {
  const read = [{ file, text }, ...others].map((one) => ({ ...one, ...readYaml(one.text) }))
  if (read.some(({ value, problems }) => value === undefined || problems.length > 0)) return null
  const folder = folderOf(file)
  const env = variablesAround(folder, around)
  const layers = read.map((one) => layerOf(one, around.texts ?? new Map(), env))
  const written = layers.reduce((below, above) => mergedServices(below, above), {})
  const { all, unbuilt } = withDatabases(written, folder, around)
  const place = (host: string): Place => {
    const from = read[layers.findIndex((layer) => host in layer)]
    const line = from && lineColumn(from.text, from.locate(["services", host], "key")).split(":")[0]
    return { file, folder, around, source: `${from?.file}:${line}`, published: sharesNetwork(host, all) }
  }
  const below = included(file, read[0]?.value, around)
  const built = Object.entries(all).filter(([, settings]) => "build" in settings)
  const programs = Object.fromEntries(
    built.map(([host, settings]) => [host, environmentOf(settings, place(host))]),
  )
  const services = Object.entries(all)
    .filter(([host, settings]) => !isLeftOut(host, settings, all))
    .map(([host, settings]) => serviceOf(host, settings, place(host)))
  return {
    file,
    services: [
      ...services.filter((one) => !standsBefore(one, programs)),
      ...below.flatMap((one) => one.services).filter(({ host }) => !(host in all)),
    ],
    programs: Object.assign({}, ...below.map((one) => one.programs), programs),
    unbuilt: Object.entries(unbuilt).map(([host, settings]) => serviceOf(host, settings, place(host))),
    starts: [
      ...built.flatMap(([, settings]) => startsOf(settings, folder)),
      ...below.flatMap((one) => one.starts),
    ],
    profiles: profilesIn(env),
  }
}

/** Services with those that are built on databases as services of their images; apart those whose build does more. */
function withDatabases(written: Services, folder: string, { dockerfiles = new Map() }: Surroundings) {
  const found = Object.entries(written).flatMap(([host, settings]) => {
    const built = builtDatabase(settings, folder, dockerfiles)
    return built === null ? [] : [{ host, ...built }]
  })
  const of = (whole: boolean): Services =>
    Object.fromEntries(
      found.filter(({ isWhole }) => isWhole === whole).map(({ host, settings }) => [host, settings]),
    )
  return { all: { ...written, ...of(true) }, unbuilt: of(false) }
}

/** The variables that a compose file can name. @see https://docs.docker.com/compose/how-tos/environment-variables/envvars-precedence/ */
function variablesAround(folder: string, { env, shell }: Surroundings): Env {
  const files = shell !== undefined && shell.files.length > 0 ? shell.files : [joinPath(folder, ".env")]
  return Object.assign({}, ...files.map((file) => envOrExample(env, file)), shell?.env)
}

/** Returns the services of one of the files that are merged, with what they extend. */
function layerOf(
  { file, value }: { readonly file: string; readonly value: unknown },
  texts: Texts,
  env: Env,
) {
  const own = recordOf(resolved(recordOf(value).services, env))
  const of = (path: string) => recordOf(resolved(servicesIn(texts, file, path), env))
  return Object.fromEntries(
    Object.entries(own).map(([host, one]) => [host, extended(recordOf(one), own, of)]),
  )
}

/** Tells whether a service such as a proxy waits for a program of the project: without it, it does not start. */
const standsBefore = ({ technology, needs }: FoundService, programs: Readonly<Record<string, Env>>) =>
  technology === null && needs.some((host) => host in programs)

/** Reads the files that a compose file includes: each is in its own folder. One that includes itself is read once. */
function included(file: string, value: unknown, around: Surroundings): readonly Compose[] {
  const texts = new Map([...(around.texts ?? [])].filter(([path]) => path !== file))
  return includedIn(file, value).flatMap((path) => {
    const text = texts.get(path)
    return text === undefined ? [] : (readCompose({ file: path, text }, { ...around, texts }) ?? [])
  })
}

/** The commands that start a program of the project: once in its build context, once in the folder of its Dockerfile. */
function startsOf(settings: JsonRecord, folder: string): readonly Step[] {
  const context = scalar(settings.build) ?? scalar(recordOf(settings.build).context) ?? "."
  const own = folderOf(scalar(recordOf(settings.build).dockerfile) ?? "")
  const folders = new Set([pathFrom(folder, context), pathFrom(folder, joinPath(context, own))])
  return [settings.entrypoint, settings.command].flatMap((value) => {
    const run = Array.isArray(value) ? value.map(String).join(" ") : (scalar(value) ?? "")
    return run === "" ? [] : [...folders].map((one) => ({ run, env: {}, folder: one }))
  })
}

/** Tools for people: they show what another service holds. */
const CONSOLES = either(`
  adminer phpmyadmin pgadmin4? mongo-express redis-?commander redis-?insight traefik portainer(?:-ce)? watchtower dozzle
  kafka-ui cloudbeaver pgweb bull-?board dbgate
`)
const OF_CONSOLE = new RegExp(`(?:^|/)(?:${CONSOLES})(?=[:@]|$)`)

/** Tells whether a service cannot run beside tests: a built one, a tool for people, one that needs Docker or runs once. */
function isLeftOut(host: string, settings: JsonRecord, all: Services): boolean {
  const image = scalar(settings.image) ?? ""
  return (
    "build" in settings ||
    image === "" ||
    OF_CONSOLE.test(image) ||
    volumesOf(settings).some(({ from }) => from.endsWith("docker.sock")) ||
    runsOnce(host, all)
  )
}

/** True for a service that others wait for until it has ended, that waits for another, or says that it prepares one. */
function runsOnce(host: string, all: JsonRecord): boolean {
  const awaited = Object.values(all).some(
    (one) =>
      recordOf(recordOf(recordOf(one).depends_on)[host]).condition === "service_completed_successfully",
  )
  const { entrypoint, command } = recordOf(all[host])
  const waits = /\b(?:until|while)\b[\s\S]*\bdo\b[\s\S]*\bdone\b/.test(JSON.stringify([entrypoint, command]))
  return awaited || waits || /[-_](?:setup|init|migrate|migrations?|seed)$/.test(host)
}

interface Place extends Pick<Compose, "file"> {
  readonly folder: string
  readonly around: Surroundings
  readonly source: string
  /** Whether all of its ports are ports of localhost. */
  readonly published: boolean
}

function serviceOf(host: string, settings: JsonRecord, place: Place): FoundService {
  const image = scalar(settings.image) ?? ""
  const technology = technologyOf(image)
  const bare = bareService(host, image, technology, place.source)
  const ports = listOf(settings.ports).flatMap(publishedPorts)
  const exposed = listOf(settings.expose).map((each) => Number(scalar(each)))
  const listening = [...ports.map(({ target }) => target), ...exposed.filter(Number.isInteger)]
  const open = [...new Set(listening.length > 0 ? listening : bare.ports)]
  const profiles = listOf(settings.profiles).flatMap((each) => scalar(each) ?? [])
  return {
    ...bare,
    ...(profiles.length > 0 ? { profiles } : {}),
    aliases: aliasesOf(host, settings),
    ports: open,
    published: Object.fromEntries([
      ...(place.published ? open.map((port) => [port, port]) : []),
      ...ports.flatMap(({ published, target }) => (published ? [[published, target]] : [])),
    ]),
    env: withAccess(technology, environmentOf(settings, place)),
    entrypoint: wordsOf(settings.entrypoint),
    command: wordsOf(settings.command),
    ready: readyOf(recordOf(settings.healthcheck)),
    mounts: mountsOf(settings, place.folder, place.around.files),
    needs: Array.isArray(settings.depends_on)
      ? settings.depends_on.filter((each) => typeof each === "string")
      : Object.keys(recordOf(settings.depends_on)),
  }
}

function aliasesOf(host: string, settings: JsonRecord): readonly string[] {
  const networks = Object.values(recordOf(settings.networks)).flatMap((each) =>
    listOf(recordOf(each).aliases),
  )
  const names = [settings.container_name, settings.hostname, ...networks].flatMap(
    (each) => scalar(each) ?? [],
  )
  return [...new Set(names)].filter((name) => name !== host && /^[\w.-]+$/.test(name))
}

function environmentOf(settings: JsonRecord, { folder, around }: Place): Env {
  const files = listOf(settings.env_file).flatMap((each) => scalar(each) ?? scalar(recordOf(each).path) ?? [])
  const read = files.map((each) => envOrExample(around.env, pathFrom(folder, each) ?? ""))
  return { ...Object.assign({}, ...read), ...pairs(settings.environment) }
}

/** @see https://docs.docker.com/reference/compose-file/services/#healthcheck */
function readyOf(healthcheck: JsonRecord): Ready {
  const { test } = healthcheck
  const none = { command: null, log: null, seconds: READY_SECONDS, decided: false }
  if (typeof test === "string") return { ...none, command: test }
  const [kind, ...words] = Array.isArray(test) ? test.flatMap((each) => scalar(each) ?? []) : []
  if (kind === "CMD-SHELL") return { ...none, command: words[0] ?? null }
  return kind === "CMD" ? { ...none, command: words.map(quote).join(" ") } : none
}
