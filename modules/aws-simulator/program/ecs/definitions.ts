/** Task definitions and tags. */
import { AwsError } from "../error.ts"
import { type Fields, numberOr, records, text, textOr, texts } from "../fields.ts"
import { looks, mutates, type Operations } from "../operation.ts"
import { page } from "../page.ts"
import { register } from "../rollout/register.ts"
import type { State, TaskDefinition } from "../state.ts"
import { definitionNamed } from "./named.ts"
import { taskDefinitionShape } from "./shapes.ts"

/** Finds a task definition by ARN, `family:revision`, or `family` for the newest. @throws AwsError if there is none. */
export function definitionFor(state: State, nameOrArn: string): TaskDefinition {
  const found = definitionNamed(state, nameOrArn)
  if (found === null) throw new AwsError("ClientException", "Unable to describe task definition.")
  return found
}

const tagKeys = (tags: readonly Fields[]): readonly string[] => tags.map((tag) => textOr(tag, "key", ""))

export const definitions: Operations = {
  DescribeTaskDefinition: looks((state, input) => {
    const definition = definitionFor(state, text(input, "taskDefinition"))
    const tags = texts(input, "include").includes("TAGS") ? definition.tags : []
    return { taskDefinition: taskDefinitionShape(definition), tags }
  }),
  RegisterTaskDefinition: mutates((state, input, { principal }) => {
    if (records(input, "containerDefinitions").length === 0) {
      throw new AwsError("ClientException", "Container list cannot be empty.")
    }
    const [definition, registered] = register(state, input, principal)
    return {
      state: registered,
      output: { taskDefinition: taskDefinitionShape(definition), tags: definition.tags },
    }
  }),
  ListTaskDefinitions: looks((state, input) => {
    const prefix = textOr(input, "familyPrefix", null)
    const inactive = textOr(input, "status", "ACTIVE") === "INACTIVE"
    const all = state.taskDefinitions
      .filter((entry) => prefix === null || entry.family === prefix)
      .filter((entry) => (entry.inactive ?? false) === inactive)
      .map(({ arn }) => arn)
    const { entries, nextToken } = page(
      textOr(input, "sort", "ASC") === "DESC" ? all.toReversed() : all,
      textOr(input, "nextToken", null),
      numberOr(input, "maxResults", 100),
    )
    return { taskDefinitionArns: entries, nextToken }
  }),
  TagResource: mutates((state, input) => {
    const arn = text(input, "resourceArn")
    const added = records(input, "tags")
    const kept = (state.tags[arn] ?? []).filter((tag) => !tagKeys(added).includes(textOr(tag, "key", "")))
    return { state: { ...state, tags: { ...state.tags, [arn]: [...kept, ...added] } }, output: {} }
  }),
  ListTagsForResource: looks((state, input) => {
    const arn = text(input, "resourceArn")
    const own = state.taskDefinitions.find((entry) => entry.arn === arn)?.tags ?? []
    return { tags: [...own, ...(state.tags[arn] ?? [])] }
  }),
}
