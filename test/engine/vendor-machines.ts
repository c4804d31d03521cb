import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { parse } from "yaml"
import { recordOf, recordsOf, textsOf } from "../../ci/src/formats/json.js"
import type { Environment } from "../../ci/src/vendors/vendor.js"
import { type Files, SLIPWAY } from "../../ci/src/vendors/wrappers/wrapper.js"

/** A command line of a vendor's file, as the vendor's machine runs it. */
export interface Line {
  readonly text: string
  /** Runs after a red line as well. */
  readonly always: boolean
}

/** What a vendor's machine does with its file: how it runs lines, and with which documented variables. */
export interface Machine {
  readonly shell: readonly string[]
  readonly variables: (commit: string, folder: string) => Environment
  /** The lines of the check, read from the written file. */
  readonly lines: (file: string) => readonly Line[]
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "")
const always = (text: string): Line => ({ text, always: true })
const usual = (text: string): Line => ({ text, always: false })
const full = (lines: readonly Line[]): readonly Line[] => lines.filter(({ text }) => text !== "")

const REPOSITORY = "https://git.example.org/team/app"

/** By vendor. The sources of variables and shells are the references in `ci/src/vendors/`. */
export const MACHINES: Readonly<Record<string, Machine>> = {
  github: {
    shell: ["bash", "-e"],
    variables: (commit, folder) => ({
      GITHUB_ACTIONS: "true",
      GITHUB_SHA: commit,
      GITHUB_REF: "refs/heads/main",
      GITHUB_RUN_ID: "12",
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_REPOSITORY: "team/app",
      GITHUB_ACTOR: "ada",
      GITHUB_EVENT_NAME: "push",
      GITHUB_RUN_ATTEMPT: "1",
      GITHUB_BASE_REF: "",
      GITHUB_HEAD_REF: "",
      GITHUB_STEP_SUMMARY: path.join(folder, "shown"),
    }),
    lines: (file) =>
      full(
        recordsOf(recordOf(recordOf(recordOf(parse(file)).jobs).check).steps).map((step) => ({
          text: textOf(step.run),
          always: textOf(step.if).startsWith("always()"),
        })),
      ),
  },
  gitlab: {
    shell: ["bash", "-eo", "pipefail"],
    variables: (commit) => ({
      GITLAB_CI: "true",
      CI_COMMIT_SHA: commit,
      CI_COMMIT_BRANCH: "main",
      CI_PIPELINE_SOURCE: "push",
      CI_PROJECT_PATH: "team/app",
      CI_PIPELINE_ID: "12",
      CI_PIPELINE_URL: `${REPOSITORY}/-/pipelines/12`,
    }),
    lines: (file) => {
      const all = recordOf(parse(file))
      const job = recordOf(all.check)
      const before = textsOf(recordOf(all.default).before_script)
      // One shell runs both; another the after_script.
      return [usual([...before, ...textsOf(job.script)].join("\n")), ...textsOf(job.after_script).map(always)]
    },
  },
  azure: {
    shell: ["bash", "--noprofile", "--norc"],
    variables: (commit) => ({
      TF_BUILD: "True",
      BUILD_SOURCEVERSION: commit,
      BUILD_SOURCEBRANCH: "refs/heads/main",
      BUILD_REPOSITORY_NAME: "team/app",
      BUILD_REASON: "IndividualCI",
      BUILD_BUILDID: "12",
      SYSTEM_JOBATTEMPT: "1",
      SYSTEM_COLLECTIONURI: "https://dev.azure.com/team/",
      SYSTEM_TEAMPROJECT: "Tiny Team",
    }),
    lines: (file) => {
      const [stage = {}] = recordsOf(recordOf(parse(file)).stages)
      const [job = {}] = recordsOf(stage.jobs)
      const steps = recordsOf(job.steps)
      return full(
        steps.map(({ bash, condition }) => ({ text: textOf(bash), always: condition === "always()" })),
      )
    },
  },
  circleci: {
    shell: ["bash", "-eo", "pipefail"],
    variables: (commit) => ({
      CIRCLECI: "true",
      CIRCLE_SHA1: commit,
      CIRCLE_BRANCH: "main",
      CIRCLE_WORKFLOW_ID: "12",
      CIRCLE_PROJECT_USERNAME: "team",
      CIRCLE_PROJECT_REPONAME: "app",
      CIRCLE_BUILD_URL: `${REPOSITORY}/12`,
    }),
    lines: (file) => {
      const steps = recordsOf(recordOf(recordOf(recordOf(parse(file)).jobs).check).steps)
      const runs = steps.map(({ run }) => recordOf(run))
      return full(runs.map(({ command, when }) => ({ text: textOf(command), always: when === "always" })))
    },
  },
  jenkins: {
    shell: ["sh", "-xe"],
    variables: (commit) => ({
      JENKINS_URL: "https://jenkins.example.org/",
      GIT_COMMIT: commit,
      BRANCH_NAME: "main",
      BUILD_TAG: "app-12",
      BUILD_URL: "https://jenkins.example.org/job/app/12/",
    }),
    lines: (file) => [...file.matchAll(/\bsh '([^']+)'/g)].map(([, text = ""]) => usual(text)),
  },
  buildkite: {
    shell: ["bash", "-e"],
    variables: (commit) => ({
      BUILDKITE: "true",
      BUILDKITE_COMMIT: commit,
      BUILDKITE_BRANCH: "main",
      BUILDKITE_PULL_REQUEST: "false",
      BUILDKITE_PIPELINE_SLUG: "app",
      BUILDKITE_SOURCE: "webhook",
      BUILDKITE_BUILD_ID: "12",
      BUILDKITE_RETRY_COUNT: "0",
      BUILDKITE_BUILD_URL: "https://buildkite.com/team/app/builds/12",
    }),
    lines: (file) =>
      recordsOf(recordOf(parse(file)).steps).map(({ command }) =>
        usual(textOf(command).replaceAll("$$", "$")),
      ),
  },
  bitbucket: {
    shell: ["bash", "-e"],
    variables: (commit) => ({
      BITBUCKET_BUILD_NUMBER: "12",
      BITBUCKET_COMMIT: commit,
      BITBUCKET_BRANCH: "main",
      BITBUCKET_REPO_FULL_NAME: "team/app",
      BITBUCKET_GIT_HTTP_ORIGIN: "https://bitbucket.org/team/app",
    }),
    lines: (file) => {
      const [{ step } = { step: {} }] = recordsOf(
        recordOf(recordOf(recordOf(parse(file)).pipelines).branches).main,
      )
      const { script, "after-script": after } = recordOf(step)
      return [usual(textsOf(script).join("\n")), ...textsOf(after).map(always)]
    },
  },
  codebuild: {
    shell: ["sh", "-e"],
    variables: (commit) => ({
      CODEBUILD_BUILD_ID: "app:12",
      CODEBUILD_RESOLVED_SOURCE_VERSION: commit,
      CODEBUILD_WEBHOOK_HEAD_REF: "refs/heads/main",
      CODEBUILD_WEBHOOK_EVENT: "PUSH",
      CODEBUILD_BUILD_ARN: "arn:aws:codebuild:eu-central-1:111111111111:build/app:12",
    }),
    lines: (file) => {
      const { build, post_build: after } = recordOf(recordOf(parse(file)).phases)
      return [
        ...textsOf(recordOf(build).commands).map(usual),
        ...textsOf(recordOf(after).commands).map(always),
      ]
    },
  },
}

/** The file of a vendor that has its check. */
export const fileOf = (files: Files): string =>
  Object.entries(files).find(([file]) => file !== SLIPWAY)?.[1] ?? ""

/** A line that runs, with the means to signal it. */
export interface Running {
  readonly kill: (signal: NodeJS.Signals) => void
  readonly ended: Promise<{ readonly code: number; readonly output: string }>
}

/** Runs a line in a shell of its own, as vendors do: a file of the line, and the shell's options before it. */
export function start(machine: Machine, line: Line, folder: string, env: Environment): Running {
  const file = path.join(folder, ".git", `step-${Date.now()}.sh`)
  fs.writeFileSync(file, `${line.text}\n`)
  const [program = "sh", ...options] = machine.shell
  const child = spawn(program, [...options, file], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] })
  const parts: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => parts.push(String(data)))
  const ended = new Promise<{ code: number; output: string }>((resolve) => {
    child.on("close", (code) => resolve({ code: code ?? 255, output: parts.join("") }))
  })
  return { kill: (signal) => child.kill(signal), ended }
}
