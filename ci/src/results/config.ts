import * as z from "zod/mini"
import { about, folder, keyed, list, orNull, text } from "../config/parts.js"
import type { CausesOf, Room, SectionsOf } from "../config/room.js"
import { REPOSITORY } from "./registry.js"
import { BUCKET } from "./s3.js"

const SSH_KEY =
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com) [A-Za-z0-9+/]+={0,2}( .*)?$/

const REGION = /^[a-z0-9-]+$/
const ENDPOINT = /^https?:\/\/[\w.-]+(:\d+)?\/?$/

/** The default folder. It is inside the folder of the evidence, which git ignores. */
export const FOLDER = ".slipway/results"

const BELOW = "a folder below the project's own"

const keys = () =>
  keyed({
    folder: about(
      `The folder that holds them, such as a cache of the CI vendor; ${FOLDER} by default.`,
      orNull(folder().check(z.refine((path) => path !== "", BELOW))),
    ),
    s3: about(
      "Instead of a folder: a bucket of S3, and a prefix in it.",
      orNull(text('a bucket such as "s3://bucket/prefix"', BUCKET)),
    ),
    region: about("The region of that bucket.", orNull(text('a region such as "eu-central-1"', REGION))),
    endpoint: about(
      "The address of a server that speaks as S3 does; S3 of AWS by default.",
      orNull(text('an address such as "https://minio.example.org"', ENDPOINT)),
    ),
    registry: about(
      "Instead of a folder: a repository of a registry. It holds them as artifacts of OCI. `http://` before it: without TLS.",
      orNull(text('a repository such as "ghcr.io/clinic/results"', REPOSITORY)),
    ),
    signers: about(
      "Public keys of SSH whose signatures count. A result without one of them is not used.",
      list(text('a public key such as "ssh-ed25519 AAAA…"', SSH_KEY), "a list of public keys").check(
        z.refine((signers) => signers.length > 0, "at least one public key"),
      ),
    ),
    strict: about(
      "true ends a run in which a result does not verify; otherwise its stage runs.",
      z._default(z.boolean("true or false"), false),
    ),
  })

const results = () =>
  about(
    "Where results of stages are kept for runs elsewhere: a stage that passed there with the same inputs does not run again.",
    orNull(
      keys().check(
        z.refine(
          (places) => [places.folder, places.s3, places.registry].filter((one) => one !== null).length < 2,
          "one store: `folder`, `s3` or `registry`",
        ),
        z.refine(({ s3, region }) => (s3 === null) === (region === null), "`s3` with its `region`"),
      ),
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
