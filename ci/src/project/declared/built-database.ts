import { type JsonRecord, recordOf } from "../../formats/json.js"
import { basesOf } from "../dockerfile/stages.js"
import { type Instruction, instructionsOf, wordsOf as wordsIn } from "../dockerfile/syntax.js"
import { baseName, joinPath, pathFrom } from "../paths.js"
import { stepCommands } from "../shell-words.js"
import { listOf } from "./compose-merge.js"
import type { Env } from "./found.js"
import { technologyOf } from "./technologies.js"
import { pairs, scalar } from "./values.js"

/** Instructions that change nothing of how a database starts, or that a service has in another way. */
const PLAIN =
  /^(?:FROM|ARG|ENV|COPY|ADD|EXPOSE|VOLUME|LABEL|MAINTAINER|WORKDIR|USER|CMD|HEALTHCHECK|STOPSIGNAL)$/
/** Programs of a RUN without whose work a database starts all the same. */
const BESIDE = /^(?:chmod|chown|mkdir|rm|localedef|apt-get|apk|apt|echo|set|true)$/

/** What is known of a service that is built on the image of a database. */
export interface BuiltDatabase {
  readonly settings: JsonRecord
  /** False where its build does what is not done here. */
  readonly isWhole: boolean
}

/**
 * Returns a service of a compose file that is built on the image of a database as one of that image, with the files that its
 * Dockerfile copies; null for any other one.
 *
 * @param folder that of the compose file.
 * @param files Dockerfiles, by path.
 */
export function builtDatabase(
  settings: JsonRecord,
  folder: string,
  files: ReadonlyMap<string, string>,
): BuiltDatabase | null {
  const build = recordOf(settings.build)
  const context = scalar(settings.build) ?? scalar(build.context) ?? "."
  const path = pathFrom(folder, joinPath(context, scalar(build.dockerfile) ?? "Dockerfile"))
  const text = "build" in settings ? (scalar(build.dockerfile_inline) ?? files.get(path ?? "")) : undefined
  const all = instructionsOf(text ?? "")
  const [image, ...others] = basesOf(text ?? "", pairs(build.args))
  if (!image || others.length > 0 || technologyOf(image) === null) return null
  const copies = all
    .filter(({ name }) => name === "COPY" || name === "ADD")
    .map((one) => copied(one, context))
  const command = all.findLast(({ name }) => name === "CMD")
  const { build: _, ...rest } = settings
  return {
    isWhole: all.every(isDone) && !copies.includes(null),
    settings: {
      ...(command === undefined ? {} : { command: wordsIn(command.text) }),
      ...rest,
      image,
      environment: { ...environmentOf(all), ...pairs(settings.environment) },
      volumes: [...copies.flatMap((one) => one ?? []), ...listOf(settings.volumes)],
    },
  }
}

const isDone = ({ name, text }: Instruction): boolean =>
  PLAIN.test(name) ||
  (name === "RUN" && stepCommands(text).every(([program = ""]) => BESIDE.test(baseName(program))))

/** `ENV A=b C=d`, `ENV A b`. */
function environmentOf(all: readonly Instruction[]): Env {
  const words = all
    .filter(({ name }) => name === "ENV")
    .flatMap(({ text }) =>
      /^\w+\s+[^=\s]+$/.test(text) ? [text.replace(/\s+/, "=")] : (stepCommands(text)[0] ?? []),
    )
  return pairs(words)
}

/** The volumes that stand for a COPY: `./db/init.sql:/docker-entrypoint-initdb.d/init.sql`; null where none can. */
function copied({ text, flags }: Instruction, context: string): readonly string[] | null {
  const words = wordsIn(text)
  const [sources, to = ""] = [words.slice(0, -1), words.at(-1)]
  if (flags.some((flag) => flag.startsWith("--from")) || sources.some((one) => /[*?$]|^https?:/.test(one)))
    return null
  const isFolder = to.endsWith("/") || sources.length > 1 || /\.d$/.test(to)
  const place = to.replace(/\/$/, "")
  return sources.map((source) => {
    const isFile = /\.\w+$/.test(baseName(source))
    const at = isFolder && isFile ? `${place}/${baseName(source)}` : place
    return `./${joinPath(context, source)}:${at}`
  })
}
