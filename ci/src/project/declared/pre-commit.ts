import { readYaml } from "../../config/yaml-position.js"
import { type JsonRecord, recordOf, recordsOf, textsOf } from "../../formats/json.js"
import type { Job, Step, ToolVersions } from "./found.js"
import { scalar } from "./values.js"

/** The file with the hooks of pre-commit. */
export const PRE_COMMIT = ".pre-commit-config.yaml"

/** The commands of known hooks, by their names. */
const HOOKS: Readonly<Record<string, string>> = {
  ruff: "ruff check",
  "ruff-check": "ruff check",
  "ruff-format": "ruff format",
  black: "black",
  flake8: "flake8",
}

/**
 * Reads the hooks as a job: their commands, and the versions of their tools. Of hooks that check only some files, and of those
 * whose command is unknown, it has the name alone.
 *
 * @see https://pre-commit.com/#pre-commit-configyaml---repos
 */
export function readPreCommit(text: string): readonly Job[] {
  const settings = recordOf(readYaml(text).value)
  const all = recordsOf(settings.repos).flatMap(({ rev, hooks }) =>
    recordsOf(hooks)
      .filter((hook) => !("stages" in hook))
      .map((hook) => ({ hook, id: scalar(hook.id) ?? "", rev: scalar(rev) })),
  )
  const isSome = (one: JsonRecord) => "files" in one || "exclude" in one
  const runs = all.flatMap(({ hook, id, rev }) => {
    const command = scalar(hook.entry) ?? HOOKS[id]
    const run = [command, ...textsOf(hook.args)].join(" ")
    const isLeft = command === undefined || isSome(settings) || isSome(hook)
    return isLeft ? [] : [{ id, run, tool: command.split(" ")[0] ?? "", rev }]
  })
  const others = all.filter(({ id }) => id !== "" && !runs.some((one) => one.id === id))
  const tools: ToolVersions = Object.fromEntries(
    runs.flatMap(({ tool, rev }) => {
      const version = /^v?(\d+(?:\.\d+)+)$/.exec(rev ?? "")?.[1]
      return version === undefined ? [] : [[tool, [version]] as const]
    }),
  )
  const steps: readonly Step[] = [
    ...runs.map(({ run }) => ({ run, env: {}, folder: "" })),
    ...others.map(({ id }) => ({ run: "", uses: id, env: {}, folder: "" })),
  ]
  const none = { services: [], versions: { node: [], python: [] } }
  return steps.length === 0 ? [] : [{ file: PRE_COMMIT, name: "pre-commit", steps, tools, ...none }]
}
