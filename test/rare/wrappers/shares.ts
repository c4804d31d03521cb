import * as fs from "node:fs"
import * as path from "node:path"
import { parse } from "yaml"
import { recordOf, recordsOf, textsOf } from "../../../ci/src/formats/json.js"
import type { Environment } from "../../../ci/src/vendors/vendor.js"

/** How a vendor's machines run the jobs that share a check, and the one that joins them. */
interface Shares {
  /** The file that has these jobs. */
  readonly file: string
  /** Variables of a share's job, with its number. */
  readonly variables: (number: number) => Environment
  /** The lines of a share's job: those of its script, then what follows, red or green. */
  readonly shard: (text: string, number: number) => readonly string[]
  /** The lines of the job that joins them. */
  readonly check: (text: string) => string
  /** Where the vendor puts the evidence of a share, beside the checkout of the check. Default: where it was. */
  readonly place?: (number: number) => string
}

const SHARED = ".slipway/shards"

const yaml = (file: string) => recordOf(parse(file))
const text = (value: unknown): string => (typeof value === "string" ? value : "")
const joined = (lines: readonly string[]): string => lines.join("\n")
const commandsOf = (job: unknown): readonly string[] =>
  recordsOf(recordOf(job).steps)
    .map(({ run }) => (typeof run === "string" ? run : text(recordOf(run).command)))
    .filter((line) => line !== "" && !line.startsWith("cat "))
const azureJob = (file: string, name: string): readonly string[] => {
  const [stage = {}] = recordsOf(yaml(file).stages)
  const steps = recordsOf(recordsOf(stage.jobs).find(({ job }) => job === name)?.steps)
  return steps.filter(({ condition }) => condition === undefined).map(({ bash }) => text(bash))
}
const buildkiteStep = (file: string, name: string): string =>
  text(recordsOf(yaml(file).steps).find(({ key }) => key === name)?.command).replaceAll("$$", "$")
const bitbucketSteps = (file: string) =>
  recordsOf(recordOf(yaml(file).definitions).steps).map(({ step }) => recordOf(step))
const bitbucketScript = (file: string, name: string): readonly string[] =>
  textsOf(bitbucketSteps(file).find((step) => step.name === name)?.script)
/** The lines of the stages of a Jenkinsfile: of the shares, and of the check. */
const jenkinsLines = (file: string): readonly (readonly string[])[] => {
  const [stages = ""] = file.split("post {")
  return stages
    .split("stage('check')")
    .map((stage) => [...stage.matchAll(/\bsh '([^']+)'/g)].map(([, line = ""]) => line))
}

/** By vendor, but for GitHub, whose runner act stands for. */
export const shares: Readonly<Record<string, Shares>> = {
  gitlab: {
    file: ".gitlab-ci.yml",
    variables: (number) => ({ CI_NODE_INDEX: String(number) }),
    shard: (file) => {
      const { script, after_script: after } = recordOf(yaml(file).shard)
      return [joined(textsOf(script)), joined(textsOf(after))]
    },
    check: (file) => joined(textsOf(recordOf(yaml(file).check).script)),
  },
  azure: {
    file: "azure-pipelines.yml",
    variables: () => ({}),
    shard: (file, number) => [
      joined(azureJob(file, "shard")).replaceAll("$(System.JobPositionInPhase)", String(number)),
    ],
    check: (file) => joined(azureJob(file, "check")),
    place: (number) => `.git/workspace/shard-${number}-1`,
  },
  circleci: {
    file: ".circleci/config.yml",
    variables: (number) => ({ CIRCLE_NODE_INDEX: String(number - 1) }),
    shard: (file) => [joined(commandsOf(recordOf(yaml(file).jobs).shard))],
    check: (file) => joined(commandsOf(recordOf(yaml(file).jobs).check)),
  },
  jenkins: {
    file: "Jenkinsfile",
    variables: (number) => ({ SHARD: String(number) }),
    shard: (file) => [joined(jenkinsLines(file)[0] ?? [])],
    check: (file) => joined(jenkinsLines(file)[1] ?? []).replace(`rm -rf ${SHARED}\n`, ""),
  },
  buildkite: {
    file: ".buildkite/pipeline.yml",
    variables: (number) => ({ BUILDKITE_PARALLEL_JOB: String(number - 1) }),
    shard: (file) => [buildkiteStep(file, "shard")],
    check: (file) => buildkiteStep(file, "check"),
  },
  bitbucket: {
    file: "bitbucket-pipelines.yml",
    variables: (number) => ({ BITBUCKET_PARALLEL_STEP: String(number - 1) }),
    shard: (file) => [joined(bitbucketScript(file, "shard"))],
    check: (file) => joined(bitbucketScript(file, "check")),
  },
}

/** Brings the evidence of a share from its checkout to that of the check, as the vendor does. */
export function bring(vendor: string, number: number, from: string, to: string): void {
  const place = shares[vendor]?.place?.(number)
  const source = path.join(from, place === undefined ? SHARED : ".slipway")
  fs.cpSync(source, path.join(to, place ?? SHARED), { recursive: true })
}
