import * as fs from "node:fs"
import * as path from "node:path"
import { parse } from "yaml"
import { recordOf, recordsOf, textsOf } from "../../../ci/src/formats/json.js"
import type { Environment } from "../../../ci/src/vendors/vendor.js"
import { checked, IDENTITY, REQUEST_TOKEN } from "./bench.js"

/** How a vendor's machine runs the lines of its files that deploy to production and that notify. */
interface Shell {
  readonly program: "bash" | "sh"
  /** The documented variables of its jobs, with secrets. @param home the machine's own, which lasts from run to run. */
  readonly variables: (url: string, folder: string, home: string) => Environment
  /** Who the deployment is: by a token, or the machine's own role. */
  readonly identity: "token" | "role"
  readonly deploy: (folder: string) => string
  readonly notify: (folder: string) => string
  /** Puts the evidence of the check where the vendor does. */
  readonly bring: (folder: string, verdict: "failed" | "passed") => void
  /** What the vendor keeps from run to run. */
  readonly state: (folder: string, home: string) => string
}

const text = (value: unknown): string => (typeof value === "string" ? value : "")
const at = (value: unknown, ...keys: readonly string[]) =>
  keys.reduce<unknown>((one, key) => recordOf(one)[key], value)
const yaml = (folder: string, file: string): unknown =>
  parse(fs.readFileSync(path.join(folder, file), "utf8"))
const named = (list: unknown, name: string) =>
  recordsOf(list).find(
    (one) => one.name === name || one.label === name || one.job === name || one.stage === name,
  )
const bashOf = (steps: unknown): string => text(recordsOf(steps).findLast(({ bash }) => bash)?.bash)

/** Puts the record of the check into a folder of the checkout, or beside it. */
const bringTo =
  (...parts: readonly string[]) =>
  (folder: string) => {
    const target = path.join(folder, ...parts)
    fs.mkdirSync(target, { recursive: true })
    fs.copyFileSync(checked, path.join(target, "result.json"))
  }
const inCheckout = bringTo(".slipway")
const ownState = (folder: string) => path.join(folder, ".slipway/notified.json")

const bitbucketStep = (folder: string, name: string) =>
  recordOf(
    named(
      recordsOf(at(yaml(folder, "bitbucket-pipelines.yml"), "pipelines", "branches", "main")).map(
        ({ step }) => step,
      ),
      name,
    ),
  )

/** By vendor, but for those that runners of others run. */
export const shells: Readonly<Record<string, Shell>> = {
  azure: {
    program: "bash",
    variables: (url, folder) => ({
      TF_BUILD: "True",
      SYSTEM_ACCESSTOKEN: REQUEST_TOKEN,
      SYSTEM_COLLECTIONURI: `${url}/`,
      SYSTEM_TEAMPROJECTID: "project",
      SYSTEM_OIDCREQUESTURI: `${url}/oidc`,
      BUILD_BUILDID: "1",
      PIPELINE_WORKSPACE: path.join(folder, ".git/workspace"),
    }),
    identity: "token",
    deploy: (folder) => {
      const [job] = recordsOf(at(yaml(folder, "azure-pipelines-environment.yml"), "jobs"))
      const stage = named(at(yaml(folder, "azure-pipelines.yml"), "stages"), "production")
      const [{ parameters } = { parameters: {} }] = recordsOf(stage?.jobs)
      const lines = bashOf(at(job, "strategy", "runOnce", "deploy", "steps"))
      return lines.replace(/\$\{\{ parameters\.run \}\}/, text(recordOf(parameters).run))
    },
    notify: (folder) => {
      const jobs = named(at(yaml(folder, "azure-pipelines.yml"), "stages"), "check")?.jobs
      return bashOf(named(jobs, "notify")?.steps)
    },
    bring: (folder, verdict) =>
      bringTo(".git/workspace", verdict === "passed" ? "slipway" : "slipway-red-1")(folder),
    state: (folder) => path.join(folder, ".git/workspace/notified"),
  },
  circleci: {
    program: "bash",
    variables: () => ({
      CIRCLECI: "true",
      CIRCLE_WORKFLOW_ID: "12",
      CIRCLE_TOKEN: REQUEST_TOKEN,
      CIRCLE_OIDC_TOKEN_V2: IDENTITY,
    }),
    identity: "token",
    deploy: (folder) => {
      const all = yaml(folder, ".circleci/config.yml")
      const runs = recordsOf(at(all, "jobs", "environment", "steps")).map(({ run }) => recordOf(run))
      const jobs = recordsOf(at(all, "workflows", "ci", "jobs")).map(({ environment }) => environment)
      const lines = text(runs.find(({ command }) => command)?.command)
      return lines.replace("<< parameters.run >>", text(named(jobs, "production")?.run))
    },
    notify: (folder) => {
      const steps = recordsOf(at(yaml(folder, ".circleci/config.yml"), "jobs", "check", "steps"))
      const own = recordsOf(at(steps.find((step) => step.when)?.when, "steps")).map(({ run }) => run)
      return text(named(own, "notify")?.command)
    },
    bring: inCheckout,
    state: ownState,
  },
  jenkins: {
    program: "sh",
    variables: () => ({
      JENKINS_URL: "https://jenkins.example.org/",
      AWS_TOKEN: IDENTITY,
      APPROVERS: "ada bob",
    }),
    identity: "token",
    deploy: (folder) =>
      /sh '(.*deploy production)'/.exec(fs.readFileSync(path.join(folder, "Jenkinsfile"), "utf8"))?.[1] ?? "",
    notify: (folder) =>
      /sh script: '([^']+)'/.exec(fs.readFileSync(path.join(folder, "Jenkinsfile"), "utf8"))?.[1] ?? "",
    bring: inCheckout,
    state: ownState,
  },
  buildkite: {
    program: "bash",
    variables: (_url, _folder, home) => ({ BUILDKITE: "true", BUILDKITE_PIPELINE_SLUG: "app", HOME: home }),
    identity: "token",
    deploy: (folder) =>
      text(named(at(yaml(folder, ".buildkite/deploy.yml"), "steps"), "production")?.command).replaceAll(
        "$$",
        "$",
      ),
    notify: (folder) =>
      text(named(at(yaml(folder, ".buildkite/pipeline.yml"), "steps"), "notify")?.command).replaceAll(
        "$$",
        "$",
      ),
    bring: () => {},
    state: (_, home) => path.join(home, ".cache"),
  },
  bitbucket: {
    program: "bash",
    variables: (_url, _folder, home) => ({
      BITBUCKET_BUILD_NUMBER: "12",
      BITBUCKET_REPO_SLUG: "app",
      BITBUCKET_STEP_OIDC_TOKEN: IDENTITY,
      HOME: home,
    }),
    identity: "token",
    deploy: (folder) => {
      const gates = ["ada", "bob"].map((person, index) => {
        const { script } = bitbucketStep(folder, `production-approval-${index + 1}`)
        return `BITBUCKET_STEP_TRIGGERER_UUID=${person}\n${textsOf(script).join("\n")}`
      })
      return [...gates, ...textsOf(bitbucketStep(folder, "production").script)].join("\n")
    },
    notify: (folder) => textsOf(bitbucketStep(folder, "check")["after-script"]).slice(1).join("\n"),
    bring: inCheckout,
    state: (_, home) => path.join(home, ".cache"),
  },
  codebuild: {
    program: "sh",
    variables: (_url, folder, home) => ({
      CODEBUILD_BUILD_ID: "app:12",
      CODEBUILD_INITIATOR: "codepipeline/app",
      CODEBUILD_SRC_DIR_evidence: path.join(folder, ".git/evidence"),
      ACTION: "deploy",
      TARGET: "production",
      EXECUTION: "12",
      NOTIFIED: path.join(home, "notified.json"),
    }),
    identity: "role",
    deploy: (folder) => {
      bringTo(".git/evidence")(folder)
      return textsOf(at(yaml(folder, "buildspec-environment.yml"), "phases", "build", "commands")).join("\n")
    },
    notify: (folder) =>
      textsOf(at(yaml(folder, "buildspec.yml"), "phases", "post_build", "commands")).join("\n"),
    bring: inCheckout,
    state: (_, home) => path.join(home, "notified.json"),
  },
}
