import * as z from "zod/mini"
import { about, folder, keyed, list, orNull, text } from "../config/parts.js"
import type { CausesOf, Room, SectionsOf } from "../config/room.js"

const SSH_KEY =
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com) [A-Za-z0-9+/]+={0,2}( .*)?$/

/** The default folder. It is inside the folder of the evidence, which git ignores. */
export const FOLDER = ".slipway/results"

const BELOW = "a folder below the project's own"

const results = () =>
  about(
    "Where results of stages are kept for runs elsewhere: a stage that passed there with the same inputs does not run again.",
    orNull(
      keyed({
        folder: about(
          `The folder that holds them, such as a cache of the CI vendor; ${FOLDER} by default.`,
          z._default(folder().check(z.refine((path) => path !== "", BELOW)), FOLDER),
        ),
        signers: about(
          "Public keys of SSH whose signatures count. A result without one of them is not used.",
          list(text('a public key such as "ssh-ed25519 AAAA…"', SSH_KEY), "a list of public keys").check(
            z.refine((keys) => keys.length > 0, "at least one public key"),
          ),
        ),
        strict: about(
          "true ends a run in which a result does not verify; otherwise its stage runs.",
          z._default(z.boolean("true or false"), false),
        ),
      }),
    ),
  )

/** Results of stages that runs share. */
export const ROOM = {
  sections: () => ({ results: results() }),
  stages: {},
  causes: {
    results: { code: 70, meaning: "a kept result does not verify, and `results.strict` asks for that" },
  },
} as const satisfies Room

declare module "../config/config.js" {
  interface Config extends SectionsOf<typeof ROOM> {}
}
declare module "../run/causes.js" {
  interface Causes extends CausesOf<typeof ROOM> {}
}
