import * as z from "zod/mini"
import { ARGUMENT, about, env, orNull, section, text, timeout } from "./parts.js"

/** What slipway.yaml says of one kind of stage, under `stages`. */
export interface StageSettings {
  readonly enabled: boolean
  /** The script of package.json to run instead of the detected one, or null. */
  readonly script: string | null
  /** Seconds, or null for the stage's own default. */
  readonly timeout: number | null
  readonly env: Readonly<Record<string, string>>
}

/** What holds where slipway.yaml says nothing. */
const DEFAULTS: StageSettings = { enabled: true, script: null, timeout: null, env: {} }

/** The settings of a kind of stage. */
export const settingsOf = (
  { stages }: { readonly stages: Readonly<Record<string, StageSettings>> },
  kind: string,
): StageSettings => stages[kind] ?? DEFAULTS

const stage = (description: string) =>
  about(
    description,
    section({
      enabled: about("false leaves the stage out.", z._default(z.boolean("true or false"), true)),
      script: about(
        "The package.json script to run instead of the detected one.",
        orNull(text("the name of a package.json script", ARGUMENT)),
      ),
      timeout: timeout(),
      env: env(),
    }),
  )

/** The section `stages` of slipway.yaml. @param kinds what each kind checks, by its name. */
export const stages = (kinds: Readonly<Record<string, string>>) =>
  about(
    "Settings of the built-in stages.",
    section(Object.fromEntries(Object.entries(kinds).map(([kind, checks]) => [kind, stage(checks)]))),
  )
