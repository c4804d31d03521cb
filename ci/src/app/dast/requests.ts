import type { Exchange, Request } from "./exchange.js"
import { bodies, type Input, inputs } from "./inputs.js"

/** Stands where markup that a page repeats would become part of it. */
export const MARKUP = `slipway<i data-p="1">'`
/** A site that an answer must not lead or open to. */
export const STRANGER = "https://stranger.example"

/** Files that a server gives away by mistake. */
const PRIVATE_FILES = [
  "/.env",
  "/.git/HEAD",
  "/.git/config",
  "/server-status",
  "/actuator/env",
  "/phpinfo.php",
]

const DESCRIPTIONS = [
  "/openapi.json",
  "/api/openapi.json",
  "/docs/json",
  "/api-docs",
  "/v3/api-docs",
  "/swagger.json",
]

const JSON_BODY = { "content-type": "application/json" }

const get = (why: string, path: string, headers: Request["headers"] = {}): Request => ({
  why,
  method: "GET",
  path,
  headers,
  body: null,
})
const post = (why: string, path: string, body: string): Request => ({
  why,
  method: "POST",
  path,
  headers: JSON_BODY,
  body,
})

/** The requests that find out what there is. */
export const survey = (paths: readonly string[]): readonly Request[] => [
  ...[...new Set(["/", ...paths])].map((path) => get("page", path)),
  ...DESCRIPTIONS.map((path) => get("description", path)),
  ...PRIVATE_FILES.map((path) => get("private", path)),
  get("missing", "/slipway-no-such-page"),
  get("malformed", "/%E0%A4%A"),
]

/** Values that a careless program takes for more than text, by what they are sent for. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  sql: ["'", `1' OR '1'='1`],
  markup: [MARKUP],
  traversal: ["../../../../../../etc/passwd"],
  redirect: [`${STRANGER}/`],
}

/** Parameters by which pages are led elsewhere. */
const REDIRECTS = /^(?:next|url|redirect|redirect_uri|return|return_to|returnTo|continue|target)$/

/** How many inputs are probed, of an app with very many. */
const MOST_INPUTS = 60

/** The requests that probe what a {@link survey} found. */
export function probes(surveyed: readonly Exchange[]): readonly Request[] {
  const found = inputs(surveyed).slice(0, MOST_INPUTS)
  return [
    ...found.flatMap(queryProbes),
    ...found.filter(({ method }) => method !== "GET").flatMap(bodyProbes),
    ...surveyed
      .filter(({ why }) => why === "page")
      .map(({ path }) => get("stranger", path, { origin: STRANGER })),
    ...new Set(found.map(({ path }) => get("stranger", path, { origin: STRANGER }))),
  ]
}

function queryProbes({ path, query }: Input): readonly Request[] {
  return query.flatMap((name) =>
    Object.entries(VALUES)
      .filter(([why]) => why !== "redirect" || REDIRECTS.test(name))
      .flatMap(([why, values]) =>
        values.map((value) => get(why, `${path}?${encodeURIComponent(name)}=${encodeURIComponent(value)}`)),
      ),
  )
}

function bodyProbes({ path, fields }: Input): readonly Request[] {
  return [
    post("malformed", path, '{"a":'),
    post("malformed", path, "[]"),
    post("malformed", path, '{"a":1e999,"__proto__":{"b":1}}'),
    ...["sql", "markup"].flatMap((why) =>
      (VALUES[why] ?? []).flatMap((value) => bodies(fields, value).map((body) => post(why, path, body))),
    ),
  ]
}
