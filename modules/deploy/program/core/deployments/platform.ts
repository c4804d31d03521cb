/** A platform that shows deployments: GitHub, GitLab. */
import type { Method } from "../vendor-api.ts"

/** What people see there of a deployment. */
export type State = "queued" | "in_progress" | "success" | "failure" | "inactive"

/** What is deployed where, and by which run. */
export interface Subject {
  readonly commit: string
  /** The environment's name at the platform. */
  readonly environment: string
  readonly production: boolean
  /** The run that began the deployment: a rerun has the same. */
  readonly run: string
  /** Branch or tag; null: unknown. */
  readonly ref: string | null
  readonly tag: boolean
}

/** A deployment at the platform. */
export interface Known {
  readonly id: number
  /** Null: a state that Slipway does not set. */
  readonly state: State | null
}

/** Calls the platform: a path below the repository's. @returns the JSON of the answer. */
export type Send = (method: Method, path: string, body?: object) => Promise<unknown>

/** What a state is shown with. */
export interface Shown {
  /** The page of the run, or null. */
  readonly url: string | null
  readonly text: string
}

/** @throws Error for an answer that is no success, or not in the form that the API has. */
export interface Platform {
  /** Returns the path of a repository in the API. */
  readonly at: (repository: string) => string
  /** States that it can show. */
  readonly states: ReadonlySet<State>
  /** Finds the deployment of a run that was created before. */
  readonly find: (send: Send, subject: Subject) => Promise<Known | null>
  readonly create: (send: Send, subject: Subject, text: string) => Promise<Known>
  readonly set: (send: Send, id: number, state: State, shown: Shown) => Promise<void>
  /** Ends what was live before a deployment. */
  readonly retire: (send: Send, subject: Subject, id: number, shown: Shown) => Promise<void>
}
