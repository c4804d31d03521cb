import { escaper, lines, perLevel, properties, type Remark, refOf, type Vendor } from "./vendor.js"

/** GitHub shows ten annotations per level and step: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions */
const MOST = 10
const DATA = [
  ["%", "%25"],
  ["\r", "%0D"],
  ["\n", "%0A"],
] as const
const data = escaper(DATA)
const property = escaper([...DATA, [":", "%3A"], [",", "%2C"]])

function command({ level, file, line, title, message }: Remark): string {
  const place = file === null ? {} : { file, line }
  return `::${level} ${properties({ ...place, title }, property, ",")}::${data(message)}`
}

/** GitHub Actions. */
export const github: Vendor = {
  name: "github",
  sign: "GITHUB_ACTIONS",
  fields: {
    commit: "GITHUB_SHA",
    branch: (env) => env.GITHUB_HEAD_REF || refOf("heads", env.GITHUB_REF),
    tag: (env) => refOf("tags", env.GITHUB_REF),
    base: "GITHUB_BASE_REF",
    change: (env) => /^refs\/pull\/(\d+)\//.exec(env.GITHUB_REF ?? "")?.[1],
    actor: "GITHUB_ACTOR",
    url: (env) => `${env.GITHUB_SERVER_URL}/${env.GITHUB_REPOSITORY}/actions/runs/${env.GITHUB_RUN_ID}`,
    run: "GITHUB_RUN_ID",
  },
  attempt: "GITHUB_RUN_ATTEMPT",
  annotations: { path: "annotations.txt", write: (all) => lines(perLevel(all, MOST).map(command)) },
}
