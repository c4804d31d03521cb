import {
  branchOf,
  escaper,
  lines,
  perLevel,
  properties,
  type Remark,
  refOf,
  type Vendor,
  webAddress,
} from "./vendor.js"
import { wrapper } from "./wrappers/azure.js"

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

/** `refs/pull/17/merge`, for repositories on GitHub and of Azure's own alike. */
const NUMBER = /^refs\/pull\/(\d+)\//

/**
 * Azure Pipelines. SYSTEM_PULLREQUEST_PULLREQUESTID is an internal id for repositories on GitHub, and the branches of
 * a change come in the long or the short form.
 *
 * @see https://learn.microsoft.com/azure/devops/pipelines/build/variables
 */
export const azure: Vendor = {
  name: "azure",
  signs: ["TF_BUILD"],
  fields: {
    repository: "BUILD_REPOSITORY_NAME",
    commit: "BUILD_SOURCEVERSION",
    head: "SYSTEM_PULLREQUEST_SOURCECOMMITID",
    branch: (env) => branchOf(env.SYSTEM_PULLREQUEST_SOURCEBRANCH) ?? refOf("heads", env.BUILD_SOURCEBRANCH),
    tag: (env) => refOf("tags", env.BUILD_SOURCEBRANCH),
    base: (env) => branchOf(env.SYSTEM_PULLREQUEST_TARGETBRANCH),
    change: (env) =>
      env.SYSTEM_PULLREQUEST_PULLREQUESTNUMBER ??
      NUMBER.exec(env.BUILD_SOURCEBRANCH ?? "")?.[1] ??
      env.SYSTEM_PULLREQUEST_PULLREQUESTID,
    event: "BUILD_REASON",
    actor: "BUILD_REQUESTEDFOR",
    url: ({ SYSTEM_COLLECTIONURI: site, SYSTEM_TEAMPROJECT: project, BUILD_BUILDID: id }) => {
      const results = webAddress(site, project, "_build/results")
      return results && id && `${results}?buildId=${id}`
    },
    run: "BUILD_BUILDID",
  },
  starters: ["BUILD_REQUESTEDFOR", "BUILD_REQUESTEDFOREMAIL", "BUILD_QUEUEDBY"],
  attempt: (env) => Number(env.SYSTEM_JOBATTEMPT),
  annotations: { path: "annotations.txt", write: (all) => lines(perLevel(all, MOST).map(command)) },
  wrapper,
  shards: true,
}
