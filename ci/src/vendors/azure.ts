import { escaper, lines, perLevel, properties, type Remark, refOf, type Vendor } from "./vendor.js"

/** https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands */
const MOST = 50
const DATA = [
  ["%", "%AZP25"],
  ["\r", "%0D"],
  ["\n", "%0A"],
] as const
const data = escaper(DATA)
const property = escaper([...DATA, [";", "%3B"], ["]", "%5D"]])

function command({ level, file, line, rule, message }: Remark): string {
  const values = { type: level, sourcepath: file, linenumber: file === null ? null : line, code: rule }
  return `##vso[task.logissue ${properties(values, property, ";")};]${data(message)}`
}

/** Azure Pipelines. */
export const azure: Vendor = {
  name: "azure",
  sign: "TF_BUILD",
  fields: {
    commit: "BUILD_SOURCEVERSION",
    branch: (env) => refOf("heads", env.SYSTEM_PULLREQUEST_SOURCEBRANCH || env.BUILD_SOURCEBRANCH),
    tag: (env) => refOf("tags", env.BUILD_SOURCEBRANCH),
    base: (env) => refOf("heads", env.SYSTEM_PULLREQUEST_TARGETBRANCH),
    change: "SYSTEM_PULLREQUEST_PULLREQUESTID",
    actor: "BUILD_REQUESTEDFOR",
    url: (env) =>
      `${env.SYSTEM_COLLECTIONURI}${env.SYSTEM_TEAMPROJECT}/_build/results?buildId=${env.BUILD_BUILDID}`,
    run: "BUILD_BUILDID",
  },
  attempt: "SYSTEM_JOBATTEMPT",
  annotations: { path: "annotations.txt", write: (all) => lines(perLevel(all, MOST).map(command)) },
}
