import { ExplainedFault, type HostFault, type HostFaultKind } from "../engine/host/fault.js"

/** The exit code of a process, and what it tells. */
interface ExitCode {
  readonly code: number
  readonly meaning: string
}

/** Exit codes of faults of this machine and of commands. A run's own are composed in `ci/src/settings.ts`. */
export const FAULT_CODES = {
  usage: { code: 2, meaning: "wrong arguments" },
  "not-root": { code: 30, meaning: "not root, and no Docker" },
  "tool-missing": { code: 31, meaning: "a tool is missing or outdated: Node.js, Go, dagger, flock" },
  "disk-full": { code: 32, meaning: "the disk is nearly full" },
  "state-damaged": { code: 33, meaning: "the state folder cannot be used" },
  "engine-failed": {
    code: 34,
    meaning: "the embedded engine does not start, or Dagger failed for another reason",
  },
  "engine-lost": { code: 35, meaning: "the engine stopped during the run, or is not running" },
  "build-failed": {
    code: 36,
    meaning: "the embedded engine or an image cannot be built; the message names the log",
  },
  "no-folder": { code: 37, meaning: "the app's folder is missing or not writable" },
  internal: { code: 38, meaning: "a fault in Slipway itself; please report it with the log" },
  "base-unusable": { code: 39, meaning: "the base of `--base` cannot be checked" },
  "unknown-vendor": { code: 50, meaning: "`wrappers` needs the name of a CI vendor that Slipway knows" },
  "several-vendors": { code: 51, meaning: "`wrappers` writes the files of one CI vendor at a time" },
  "wrapper-outdated": {
    code: 52,
    meaning: "`wrappers --check`: a file is missing, or differs from what would be written",
  },
  "wrapper-foreign": { code: 53, meaning: "a file of the CI wrapper is there, and Slipway did not write it" },
  "no-environment": {
    code: 54,
    meaning: "`wrappers --deploy` finds no environment in slipway.yaml, or one without a role",
  },
  "evidence-unread": {
    code: 55,
    meaning: "files of evidence are cut off, foreign, or of a newer Slipway; `metrics` counts all others",
  },
  "no-evidence": { code: 56, meaning: "there is no evidence in the folder" },
  "not-notified": {
    code: 57,
    meaning: "`notify` could not tell a channel; it tries again after the next run",
  },
  "release-refused": {
    code: 58,
    meaning: "`release`: there is nothing to release, or the version is there already, or goes back",
  },
  "not-published": {
    code: 59,
    meaning: "`release --publish`: GitHub or GitLab is unreachable, or refuses; a second run completes it",
  },
  "mirror-incomplete": {
    code: 63,
    meaning: "`mirror`: something that the check needs is missing or unreachable",
  },
  "no-terminal": { code: 64, meaning: "`shell` needs a terminal" },
  interrupted: { code: 130, meaning: "interrupted" },
} as const satisfies Readonly<Record<string, ExitCode>> & Readonly<Record<HostFaultKind, ExitCode>>

/** What can be wrong with a command, besides its machine. */
export type CommandFaultKind = Exclude<keyof typeof FAULT_CODES, HostFaultKind>

/** A failure of a command: its words, its files, its work. */
export class CommandFault extends ExplainedFault<CommandFaultKind> {
  override readonly name = "CommandFault"
}

/** Returns the exit code of the process. */
export const exitCodeOf = ({ kind }: HostFault | CommandFault): number => FAULT_CODES[kind].code
