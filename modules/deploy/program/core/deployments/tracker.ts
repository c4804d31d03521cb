/** Shows a deployment where people look at it: at GitHub or GitLab. What goes wrong there changes nothing here. */
import { rewritten } from "../checks.ts"
import type { Journal } from "../journal.ts"
import type { ReleaseRecord } from "../ledger.ts"
import type { End, Outcome } from "../outcome.ts"
import type { Pace } from "../paces.ts"
import type { Request } from "../request.ts"
import { messageOf, oneLine, UNKNOWN_COMMIT } from "../text.ts"
import { callVendor } from "../vendor-api.ts"
import { github } from "./github.ts"
import { gitlab } from "./gitlab.ts"
import type { Known, Platform, Send, State, Subject } from "./platform.ts"

const PLATFORMS = { github, gitlab } as const satisfies Record<string, Platform>

/** Shows a run where the vendor shows deployments. */
export interface Tracker {
  /** The run waits for another one. */
  readonly waits: (text: string) => Promise<void>
  /** The release in flight goes on. */
  readonly starts: (journal: Journal) => Promise<void>
  /** The run closes a release that another one left in flight. */
  readonly closes: (record: ReleaseRecord) => Promise<void>
  readonly ends: (ended: End) => Promise<void>
  /** What went wrong, once. */
  readonly warnings: () => readonly string[]
}

const NO_TRACKER: Tracker = {
  waits: async () => {},
  starts: async () => {},
  closes: async () => {},
  ends: async () => {},
  warnings: () => [],
}

/** Null: the deployment goes on in AWS. */
const STATES: Readonly<Record<Outcome, State | null>> = {
  succeeded: "success",
  "rolled-back": "failure",
  "rollback-failed": "failure",
  failed: "failure",
  refused: "failure",
  superseded: "inactive",
  "still-running": null,
  unseen: null,
}

function stateOf({ outcome, ask, resumable }: End): State | null {
  if (ask !== null) return "queued"
  // The run that took over goes on with the same deployment.
  return outcome === "superseded" && resumable ? null : STATES[outcome]
}

type Settings = NonNullable<Request["environment"]["deployments"]>

/** @throws Error for an answer that is no success; it has neither address nor token. */
function senderFor({ kind, repository, api }: Settings, token: string, request: Request) {
  const base = `${api.replace(/\/+$/, "")}${PLATFORMS[kind].at(repository)}`
  return (pace: Pace): Send =>
    async (method, path, body) => {
      const url = rewritten(`${base}${path}`, request.endpoints)
      const response = await callVendor({ url, token, method, pace, body })
      if (!response.ok) throw new Error(`${method} ${path.split("?")[0]} answers ${response.status}`)
      return response.json()
    }
}

const isSame = (one: Subject, other: Subject): boolean => one.commit === other.commit && one.run === other.run

/** A deployment that this run shows. */
interface Open {
  readonly subject: Subject
  readonly known: Known
}

/** Shows deployments at a platform, one after the other. After a failure it shows nothing more. */
function displayOf({ kind, api }: Settings, sender: (pace: Pace) => Send, url: Request["run"]["url"]) {
  const platform: Platform = PLATFORMS[kind]
  let open: Open | null = null
  let wrong: string | null = null

  const quietly = async (act: () => Promise<void>): Promise<void> => {
    if (wrong !== null) return
    try {
      await act()
    } catch (error) {
      wrong = `the deployment is not shown at ${kind} (${api}): ${oneLine(messageOf(error))}`
    }
  }
  const show = async (send: Send, { subject, known }: Open, state: State, text: string) => {
    if (platform.states.has(state) && known.state !== state)
      await platform.set(send, known.id, state, { url, text })
    open = { subject, known: { ...known, state } }
  }
  const to = (subject: Subject, state: State, text: string, pace: Pace) =>
    quietly(async () => {
      if (!platform.states.has(state)) return
      const send = sender(pace)
      if (open !== null && !isSame(open.subject, subject))
        await show(send, open, "inactive", "continued by another run")
      const same = open !== null && isSame(open.subject, subject) ? open.known : null
      const known =
        same ?? (await platform.find(send, subject)) ?? (await platform.create(send, subject, text))
      await show(send, { subject, known }, state, text)
    })
  return {
    quietly,
    to,
    open: (): Open | null => open,
    adopt: (left: Open): void => {
      open = left
    },
    warnings: () => (wrong === null ? [] : [wrong]),
  }
}

/** The deployment of a request. */
const subjectOf = ({ run, release, environment }: Request, settings: Settings): Subject => ({
  commit: release.commit,
  run: run.id,
  ref: run.ref,
  tag: run.tag,
  environment: settings.environment ?? environment.name,
  production: environment.production,
})

function trackerFor(settings: Settings, token: string, request: Request): Tracker {
  const { run, action } = request
  const platform: Platform = PLATFORMS[settings.kind]
  const sender = senderFor(settings, token, request)
  const mine = subjectOf(request, settings)
  const { quietly, to, open, adopt, warnings } = displayOf(settings, sender, run.url)
  /** Finds what a run that was killed after its success left behind. */
  const leftBehind = (ended: End) =>
    quietly(async () => {
      if (open() !== null || action !== "deploy" || ended.outcome !== "succeeded") return
      const known = await platform.find(sender("patient"), mine)
      if (known !== null) adopt({ subject: mine, known })
    })
  return {
    waits: (text) => (action === "deploy" ? to(mine, "queued", text, "quick") : Promise.resolve()),
    starts: async (journal) => {
      if (journal.action === "migrate" || journal.commit === UNKNOWN_COMMIT) return
      const subject = { ...mine, commit: journal.commit, run: journal.run.id }
      await to(subject, "in_progress", `${journal.action} by ${run.actor}`, "quick")
    },
    closes: ({ commit, run: of }) =>
      quietly(async () => {
        const known = await platform.find(sender("quick"), { ...mine, commit, run: of.id })
        if (known?.state !== "in_progress" && known?.state !== "queued") return
        const text = `closed by run ${run.id}`
        await platform.set(sender("quick"), known.id, "inactive", { url: run.url, text })
      }),
    ends: async (ended) => {
      await leftBehind(ended)
      const state = stateOf(ended)
      const at = open()
      if (state === null || at === null) return
      await to(at.subject, state, ended.what, "patient")
      const shown = { url: run.url, text: ended.what }
      const retire = () => platform.retire(sender("patient"), at.subject, at.known.id, shown)
      if (state === "success") await quietly(retire)
    },
    warnings,
  }
}

/** Returns the tracker of a run. Without a token nothing is shown; a rehearsal needs none. */
export function trackerOf(request: Request, token: string | null): Tracker {
  const { deployments } = request.environment
  if (deployments === null) return NO_TRACKER
  if (token !== null) return trackerFor(deployments, token, request)
  const why = `the deployment is not shown at ${deployments.kind}: pass a token with \`--deployment-token\``
  return request.clock === "real" ? { ...NO_TRACKER, warnings: () => [why] } : NO_TRACKER
}
