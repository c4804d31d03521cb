/** Who is asked and told: people, and vendors by their APIs. This file and its copy differ in their imports alone. */
import * as z from "zod/mini"
import { about, keyed, list, map, orNull, text } from "./parts.ts"
import { arn, kinds, url } from "./services.ts"

const when = (otherwise: "always" | "red" | "succeeded") =>
  about(
    "red is every outcome that needs a person.",
    z._default(z.enum(["always", "red", "succeeded"], "always, red or succeeded"), otherwise),
  )

const EARLY = ["started", "waiting"] as const
const early = () =>
  about(
    "What it tells besides the end: that a deployment starts, and that it waits for another run.",
    list(z.enum(EARLY, EARLY.join(", ")), `a list of ${EARLY.join(", ")}`),
  )

/** A channel that is told of deployments. Its address is in a secret, under its name. */
export const notification = () => {
  const key = () => about("The key of its address in the secret of notifications.", text("a name"))
  return z.discriminatedUnion(
    "kind",
    [
      keyed({ kind: z.literal("slack"), name: key(), when: when("always"), on: early() }),
      keyed({ kind: z.literal("pagerduty"), name: key(), when: when("red") }),
      keyed({ kind: z.literal("webhook"), name: key(), when: when("always"), on: early() }),
      keyed({ kind: z.literal("email"), topic: arn(), when: when("always"), on: early() }),
    ],
    { error: kinds("slack", "pagerduty", "webhook", "email") },
  )
}

const SSH_KEY =
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com) [A-Za-z0-9+/]+={0,2}( .*)?$/

/** People by their e-mail addresses: several names of one person count as one approval. */
export const identities = () =>
  map(
    text('an e-mail address such as "ada@example.org"', /^[^@]*[^@\s<]@[^@\s]+$/),
    keyed({
      also: about(
        "Their other names: logins at the vendor, other addresses, names in commits.",
        list(text("a name"), "a list of names"),
      ),
      keys: about(
        "Public keys of SSH that they sign approvals with.",
        list(text('a public key such as "ssh-ed25519 AAAA…"', SSH_KEY), "a list of public keys"),
      ),
    }),
    "a map of e-mail addresses to other names and keys",
  )

const api = (otherwise: string) =>
  about("The address of its API, for a site of your own.", z._default(url(), otherwise))
const GITHUB = "https://api.github.com"
const GITLAB = "https://gitlab.com/api/v4"
const place = () => ({
  repository: text("a repository such as clinic/app", /^[^/\s]+(\/[^/\s]+)+$/),
  environment: about("The environment's name there, where it is another.", orNull(z.string("a name"))),
})
const at = () => ({
  ...place(),
  reviews: about(
    "Count the reviews of the merged change too, if the release has nothing else.",
    z._default(z.boolean("true or false"), false),
  ),
})

/** A vendor whose approvals count. */
export const vendor = () =>
  z.discriminatedUnion(
    "kind",
    [
      keyed({ kind: z.literal("github"), ...at(), api: api(GITHUB) }),
      keyed({ kind: z.literal("gitlab"), ...at(), api: api(GITLAB) }),
    ],
    { error: kinds("github", "gitlab") },
  )

/** A vendor that shows deployments. */
export const deployments = () =>
  z.discriminatedUnion(
    "kind",
    [
      keyed({ kind: z.literal("github"), ...place(), api: api(GITHUB) }),
      keyed({ kind: z.literal("gitlab"), ...place(), api: api(GITLAB) }),
    ],
    { error: kinds("github", "gitlab") },
  )
