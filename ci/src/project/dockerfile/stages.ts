import { flagOf, type Instruction, instructionsOf } from "./syntax.js"

type Arguments = Readonly<Record<string, string>>

/** A stage of a Dockerfile: what begins with FROM. */
export interface BuildStage {
  readonly instruction: Instruction
  /** The image or stage that it builds on, as written. */
  readonly from: string
  /** Its name in lower case, or null. */
  readonly name: string | null
  readonly instructions: readonly Instruction[]
}

/** A build argument that FROM needs and nobody gives. */
export interface MissingArgument {
  readonly name: string
  /** The line of FROM. */
  readonly line: number
  /** The line that declares it, or null. */
  readonly declared: number | null
  readonly from: string
}

/** Arguments that the builder sets by itself, and those of proxies, which may be empty. */
const BUILT_IN =
  /^(?:(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)|BUILDKIT_\w+|(?:https?|ftp|no|all)_proxy)$/i

/** `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:+other}`. */
const VARIABLE = /\$(?:(\w+)|\{(\w+)(?:(:?)([-+?])([^}]*))?\})/g

/** Returns the stages of a Dockerfile. */
export function stagesOf(instructions: readonly Instruction[]): readonly BuildStage[] {
  const starts = instructions.flatMap(({ name }, index) => (name === "FROM" ? [index] : []))
  return starts.flatMap((start, index) => {
    const instruction = instructions[start]
    if (instruction === undefined) return []
    const [from = "", as = "", name = ""] = instruction.text.split(/\s+/)
    const own = instructions.slice(start + 1, starts[index + 1])
    return [
      {
        instruction,
        from: from.replace(/^(["'])(.*)\1$/, "$2"),
        name: as.toLowerCase() === "as" && name !== "" ? name.toLowerCase() : null,
        instructions: own,
      },
    ]
  })
}

/** Only arguments from before the first FROM count for FROM. */
function globals(instructions: readonly Instruction[]): readonly Instruction[] {
  const first = instructions.findIndex(({ name }) => name === "FROM")
  return instructions.slice(0, first === -1 ? undefined : first).filter(({ name }) => name === "ARG")
}

/** `NAME`, `NAME=value`, several of them in a line. */
const assignments = ({ text }: Instruction): readonly (readonly [string, string | null])[] =>
  [...text.matchAll(/(\w+)(?:=("(?:[^"\\]|\\.)*"|'[^']*'|\S*))?/g)].map(([, name = "", value]) => [
    name,
    value === undefined ? null : value.replace(/^(["'])(.*)\1$/, "$2"),
  ])

/** Returns the values of the arguments that FROM may use; what is given outranks a default. */
function valuesOf(instructions: readonly Instruction[], given: Arguments): Arguments {
  const values: Record<string, string> = {}
  for (const [name, fallback] of globals(instructions).flatMap(assignments)) {
    const value = given[name] ?? (fallback === null ? undefined : resolve(fallback, values).text)
    if (value !== undefined) values[name] = value
  }
  return values
}

function resolve(
  text: string,
  values: Arguments,
): { readonly text: string; readonly missing: readonly string[] } {
  const missing: string[] = []
  const resolved = text.replace(VARIABLE, (whole, bare, braced, colon, operator, operand = "") => {
    const name: string = bare ?? braced
    const value = values[name]
    const isSet = value !== undefined && (value !== "" || colon !== ":")
    if (operator === "-") return isSet ? value : resolve(operand, values).text
    if (operator === "+") return isSet ? resolve(operand, values).text : ""
    if (value !== undefined && value !== "") return value
    if (!BUILT_IN.test(name)) missing.push(name)
    return whole
  })
  return { text: resolved, missing }
}

/** Returns a stage by its name or number, the last for null. */
export const targetOf = (stages: readonly BuildStage[], target: string | null): BuildStage | undefined =>
  target === null ? stages.at(-1) : stageNamed(stages, target)

/**
 * Returns the stages that a target consists of, with those that it copies from.
 *
 * @param target the stage's name, or null for the last.
 */
export function stagesOfTarget(stages: readonly BuildStage[], target: string | null): readonly BuildStage[] {
  const found = new Set<BuildStage>()
  const visit = (stage: BuildStage | undefined): void => {
    if (stage === undefined || found.has(stage)) return
    found.add(stage)
    const earlier = stages.slice(0, stages.indexOf(stage))
    for (const used of [stage.from, ...sourcesOf(stage)]) visit(stageNamed(earlier, used))
  }
  visit(targetOf(stages, target))
  return stages.filter((stage) => found.has(stage))
}

const stageNamed = (stages: readonly BuildStage[], name: string): BuildStage | undefined =>
  stages.find((stage, index) => stage.name === name.toLowerCase() || String(index) === name)

/** The images and stages that a stage copies or mounts from. */
const sourcesOf = ({ instructions }: BuildStage): readonly string[] =>
  instructions.flatMap((one) => [
    ...(flagOf(one, "from") === null ? [] : [flagOf(one, "from") ?? ""]),
    ...one.flags.flatMap((flag) => /^--mount=.*\bfrom=([^,\s]+)/.exec(flag)?.[1] ?? []),
  ])

/**
 * Returns the build arguments that a FROM of the target needs, and that have neither a default nor a value.
 *
 * @param target the stage to build, or null for the last.
 */
export function missingArguments(
  dockerfile: string,
  given: Arguments,
  target: string | null,
): readonly MissingArgument[] {
  const instructions = instructionsOf(dockerfile)
  const values = valuesOf(instructions, given)
  const declared = (name: string) =>
    globals(instructions).find((one) => assignments(one).some(([other]) => other === name))?.line ?? null
  return stagesOfTarget(stagesOf(instructions), target).flatMap(({ from, instruction: { line } }) =>
    resolve(from, values).missing.map((name) => ({ name, line, declared: declared(name), from })),
  )
}

/** Returns what each stage of a Dockerfile builds on, an image or an earlier stage, in their order. */
export function basesOf(dockerfile: string, given: Arguments = {}): readonly string[] {
  const instructions = instructionsOf(dockerfile)
  const values = valuesOf(instructions, given)
  return stagesOf(instructions).map(({ from }) => resolve(from, values).text)
}

/** Returns the images of registries that a Dockerfile builds on and copies from, without the stages that it makes itself. */
export function baseImages(dockerfile: string, given: Arguments): readonly string[] {
  const instructions = instructionsOf(dockerfile)
  const values = valuesOf(instructions, given)
  const stages = stagesOf(instructions)
  const images = stages.flatMap((stage, index) => {
    const earlier = stages.slice(0, index)
    return [stage.from, ...sourcesOf(stage)]
      .map((name) => resolve(name, values).text)
      .filter((name) => stageNamed(earlier, name) === undefined)
  })
  return [...new Set(images)].filter((image) => image !== "scratch")
}

/**
 * Tells whether a target begins with `FROM scratch`, itself or the stages that it builds on, and what of its instructions
 * are settings of the image.
 *
 * @param target the stage, or null for the last.
 * @returns the instructions of those stages, or null where another image is at the bottom.
 */
export function onScratch(
  dockerfile: string,
  given: Arguments,
  target: string | null,
): readonly Instruction[] | null {
  const instructions = instructionsOf(dockerfile)
  const values = valuesOf(instructions, given)
  const stages = stagesOf(instructions)
  const below = (stage: BuildStage | undefined): readonly Instruction[] | null => {
    if (stage === undefined) return null
    const from = resolve(stage.from, values).text
    const rest = from === "scratch" ? [] : below(stageNamed(stages.slice(0, stages.indexOf(stage)), from))
    return rest && [...rest, ...stage.instructions]
  }
  return below(targetOf(stages, target))
}

/** Returns the names of arguments that have no default anywhere. */
export const bareArguments = (dockerfile: string): readonly string[] => {
  const all = instructionsOf(dockerfile).filter(({ name }) => name === "ARG")
  const named = all.flatMap(assignments)
  return [...new Set(named.map(([name]) => name))].filter((name) =>
    named.every(([other, value]) => other !== name || value === null),
  )
}

/** Returns the ids of the secrets without which a build of a target fails; the last stage's for null. */
export const requiredSecrets = (dockerfile: string, target: string | null): readonly string[] => [
  ...new Set(
    stagesOfTarget(stagesOf(instructionsOf(dockerfile)), target)
      .flatMap(({ instructions }) => instructions)
      .flatMap(({ flags }) => flags)
      .filter((flag) => /^--mount=.*\btype=secret\b/.test(flag) && /\brequired(?:=true|,|$)/.test(flag))
      .map(
        (flag) =>
          /\bid=([^,]+)/.exec(flag)?.[1] ??
          /\b(?:target|dst)=(?:[^,]*\/)?([^,]+)/.exec(flag)?.[1] ??
          "default",
      ),
  ),
]
