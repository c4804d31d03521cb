import { parseJson, recordsOf } from "../formats/json.js"
import type { Unchecked } from "../project/project.js"
import { WORKDIR } from "../run/stage.js"
import { toolRuns } from "../tools/hook.js"

/** Where the hook notes tests that keep others from running. */
const ONLY = "only.json"

const PREFIX = `${WORKDIR}/`

/** Names the test files of which only some tests ran, for one of them says `.only`: a runner passes without a word. */
export const focused = (reports: Readonly<Record<string, string>>): readonly Unchecked[] =>
  toolRuns(reports).flatMap(({ files }) =>
    recordsOf(parseJson(files[ONLY])).map(({ file, line }) => ({
      what: `${String(file).replace(PREFIX, "")}:${line}`,
      reason: "`.only` keeps the other tests from running",
    })),
  )
