import { anyOf } from "../../formats/pattern.js"
import type { Severity } from "../../run/result.js"
import type { Exchange } from "./exchange.js"
import { MARKUP, STRANGER } from "./requests.js"

/** Something that an answer must not have. */
export interface Rule {
  readonly rule: string
  /** Common Weakness Enumeration (cwe.mitre.org). */
  readonly cwe: number
  readonly severity: Severity
  /** What is wrong, and what to do. */
  readonly message: string
  /** True for what one setting mends in all answers: it is one finding. */
  readonly everywhere?: boolean
  /** What an answer shows of it, in a few words; null where nothing is wrong. */
  seen(exchange: Exchange): string | null
}

const header = ({ answered }: Exchange, name: string): string =>
  answered
    .filter(([key]) => key === name)
    .map(([, value]) => value)
    .join(", ")
const type = (exchange: Exchange) => header(exchange, "content-type")
const ok = ({ status }: Exchange) => status >= 200 && status < 300
const isPage = (exchange: Exchange) => ok(exchange) && /html/.test(type(exchange))
const when = (wrong: boolean, shown: string): string | null => (wrong ? shown : null)
/** Code and style sheets may hold any text. */
const isProse = (exchange: Exchange) => !/javascript|css|font|image/.test(type(exchange))
const match = (pattern: RegExp, exchange: Exchange): string | null =>
  pattern.exec(exchange.text)?.[0]?.trim() ?? null

/** As Node, Python, Java, Go and PHP write it. */
const STACK = anyOf(
  [
    /\bat (?:\S+ \()?[^\s()<>]*[/\\.][^\s()<>]*:\d+:\d+/,
    /Traceback \(most recent call last\)/,
    /^\s+at [\w.$]+\([\w$]+\.java:\d+\)/,
    /\bgoroutine \d+ \[running\]/,
    /Stack trace:\n#0 /,
  ],
  "m",
)
/** As PostgreSQL, MySQL, SQLite, Oracle and SQL Server write it. */
const DATABASE_ERROR = anyOf([
  /syntax error at or near|unterminated quoted string|invalid input syntax for (?:type )?\w+/,
  /SQLSTATE\[?\w{5}/,
  /You have an error in your SQL syntax/,
  /SQLITE_ERROR|near "[^"]*": syntax error/,
  /ORA-\d{5}/,
  /Unclosed quotation mark/,
])

const cookies = ({ answered }: Exchange) =>
  answered.filter(([name]) => name === "set-cookie").map(([, value]) => value)
/** A cookie that says who somebody is. */
const SESSION = /^[^=]*(?:sess|sid|auth|token|jwt|login)[^=]*=/i
const cookieWithout = (exchange: Exchange, attribute: RegExp, which: RegExp = /^/) => {
  const bad = cookies(exchange).find((cookie) => which.test(cookie) && !attribute.test(cookie))
  return bad === undefined ? null : `the cookie ${bad.slice(0, bad.indexOf("="))}`
}

/** What is wrong with an answer. `cwe` is the number of the weakness at https://cwe.mitre.org. */
export const RULES: readonly Rule[] = [
  {
    rule: "no-content-security-policy",
    everywhere: true,
    cwe: 693,
    severity: "medium",
    message: "pages come without a Content-Security-Policy: send one",
    seen: (exchange) =>
      when(
        isPage(exchange) &&
          header(exchange, "content-security-policy") === "" &&
          !/http-equiv=["']?content-security-policy/i.test(exchange.text),
        "no such header",
      ),
  },
  {
    rule: "can-be-framed",
    everywhere: true,
    cwe: 1021,
    severity: "medium",
    message: "other sites may show the page in a frame: send frame-ancestors in the Content-Security-Policy",
    seen: (exchange) =>
      when(
        isPage(exchange) &&
          header(exchange, "x-frame-options") === "" &&
          !header(exchange, "content-security-policy").includes("frame-ancestors"),
        "neither frame-ancestors nor X-Frame-Options",
      ),
  },
  {
    rule: "content-type-guessed",
    everywhere: true,
    cwe: 693,
    severity: "medium",
    message: "browsers may guess another type: send X-Content-Type-Options: nosniff",
    seen: (exchange) =>
      when(
        ok(exchange) && exchange.text !== "" && !/nosniff/i.test(header(exchange, "x-content-type-options")),
        "no such header",
      ),
  },
  {
    rule: "no-referrer-policy",
    everywhere: true,
    cwe: 200,
    severity: "low",
    message: "addresses of pages reach other sites: send a Referrer-Policy",
    seen: (exchange) =>
      when(
        isPage(exchange) &&
          header(exchange, "referrer-policy") === "" &&
          !/name=["']?referrer/i.test(exchange.text),
        "no such header",
      ),
  },
  {
    rule: "version-told",
    everywhere: true,
    cwe: 200,
    severity: "low",
    message: "the answer tells what software it comes from: leave it out",
    seen: (exchange) =>
      /\/\d|\d\.\d/.exec(header(exchange, "server"))?.input || header(exchange, "x-powered-by") || null,
  },
  {
    rule: "cookie-for-scripts",
    everywhere: true,
    cwe: 1004,
    severity: "medium",
    message: "scripts can read a cookie that says who somebody is: set HttpOnly",
    seen: (exchange) => cookieWithout(exchange, /;\s*httponly/i, SESSION),
  },
  {
    rule: "cookie-over-http",
    everywhere: true,
    cwe: 614,
    severity: "medium",
    message: "a cookie that says who somebody is travels unencrypted: set Secure",
    seen: (exchange) => cookieWithout(exchange, /;\s*secure/i, SESSION),
  },
  {
    rule: "cookie-across-sites",
    everywhere: true,
    cwe: 1275,
    severity: "low",
    message: "other sites' requests may carry the cookie: set SameSite",
    seen: (exchange) => cookieWithout(exchange, /;\s*samesite=/i),
  },
  {
    rule: "stack-trace",
    cwe: 209,
    severity: "high",
    message: "an answer shows the inside of the program: answer errors without details",
    seen: (exchange) => (isProse(exchange) ? match(STACK, exchange) : null),
  },
  {
    rule: "database-error",
    cwe: 89,
    severity: "critical",
    message:
      "input reaches the database as part of a statement, or its errors reach visitors: use parameters",
    seen: (exchange) => (isProse(exchange) ? match(DATABASE_ERROR, exchange) : null),
  },
  {
    rule: "server-error",
    cwe: 755,
    severity: "medium",
    message:
      "a request that is wrong ends in an error of the server: check what comes in, and answer with 4xx",
    seen: ({ why, status }) =>
      when(
        ["malformed", "sql", "markup", "traversal"].includes(why) && [500, 502, 504].includes(status),
        `status ${status}`,
      ),
  },
  {
    rule: "no-answer",
    cwe: 400,
    severity: "high",
    message: "a request that is wrong gets no answer",
    seen: ({ error }) => error,
  },
  {
    rule: "markup-repeated",
    cwe: 79,
    severity: "high",
    message: "a page repeats markup from a request, and so would run its scripts: escape it",
    seen: (exchange) =>
      when(
        exchange.why === "markup" && /html|^$/.test(type(exchange)) && exchange.text.includes(MARKUP),
        MARKUP,
      ),
  },
  {
    rule: "file-read",
    cwe: 22,
    severity: "critical",
    message: "a parameter reads files of the server: never build paths from requests",
    seen: (exchange) => match(/^root:[^:]*:0:0:/m, exchange),
  },
  {
    rule: "open-redirect",
    cwe: 601,
    severity: "medium",
    message: "a parameter leads visitors to any site: allow the app's own addresses alone",
    seen: (exchange) =>
      when(
        exchange.why === "redirect" && header(exchange, "location").startsWith(STRANGER),
        `Location: ${STRANGER}`,
      ),
  },
  {
    rule: "open-to-strangers",
    everywhere: true,
    cwe: 942,
    severity: "high",
    message: "any site may read answers with the visitor's cookies (CORS): name the sites that may",
    seen: (exchange) =>
      when(
        header(exchange, "access-control-allow-origin") === STRANGER &&
          header(exchange, "access-control-allow-credentials") === "true",
        `Access-Control-Allow-Origin: ${STRANGER}`,
      ),
  },
  {
    rule: "private-file",
    cwe: 538,
    severity: "high",
    message: "the server gives away a file that is not for visitors",
    seen: (exchange) =>
      exchange.why === "private" && ok(exchange)
        ? match(
            /^ref: refs\/|^\[core\]|^[A-Z][A-Z0-9_]+=|Apache Server Status|"propertySources"|<title>phpinfo/m,
            exchange,
          )
        : null,
  },
  {
    rule: "folder-listed",
    cwe: 548,
    severity: "medium",
    message: "the server lists a folder",
    seen: (exchange) =>
      isPage(exchange) ? match(/<title>(?:Index of|Directory listing for) \//i, exchange) : null,
  },
]
