// biome-ignore-all lint/suspicious/noTemplateCurlyInString: rules look for them
/** A rule of Semgrep, as far as ours use it. @see https://semgrep.dev/docs/writing-rules/rule-syntax */
interface Rule {
  readonly id: string
  readonly languages: readonly string[]
  /** `ERROR` fails the check by the default policy, `WARNING` is reported. */
  readonly severity: "ERROR" | "WARNING"
  readonly message: string
  readonly patterns?: readonly object[]
  readonly "pattern-either"?: readonly object[]
}

const JS = ["javascript", "typescript"] as const
const PYTHON = ["python"] as const

const either = (...patterns: readonly string[]) => ({
  "pattern-either": patterns.map((pattern) => ({ pattern })),
})
const not = (pattern: string) => ({ "pattern-not": pattern })
const named = (metavariable: string, regex: string) => ({ "metavariable-regex": { metavariable, regex } })

/** What somebody has to ask for: a flag, a setting. */
const CONDITIONS = ["$C ? $A : $B", "$C && $X", "if ($C) { ... }"]

/**
 * What is wrong wherever it stands. Few, and sure: a rule that cries wolf is turned off, with all the others. A
 * project that wants more takes in what another tool found, as SARIF.
 */
export const RULES: readonly Rule[] = [
  {
    id: "slipway.eval",
    languages: JS,
    severity: "ERROR",
    message:
      "Text is run as code: whoever can change the text can run anything. Parse it, or look it up in a table.",
    patterns: [either("eval($X)", "new Function(..., $X)"), not('eval("...")'), not('new Function("...")')],
  },
  {
    id: "slipway.command-injection",
    languages: JS,
    severity: "ERROR",
    message: "A value becomes part of a shell command. Use execFile or spawn with a list of arguments.",
    patterns: [
      either(
        "exec(`...${$X}...`, ...)",
        "execSync(`...${$X}...`, ...)",
        'exec("..." + $X, ...)',
        'execSync("..." + $X, ...)',
        "child_process.exec(`...${$X}...`, ...)",
        "child_process.execSync(`...${$X}...`, ...)",
      ),
    ],
  },
  {
    id: "slipway.sql-injection",
    languages: JS,
    severity: "ERROR",
    message: "A value becomes part of an SQL statement. Hand it over as a parameter ($1).",
    patterns: [
      either("$DB.$Q($S + $X, ...)", "$DB.$Q(`$S${$X}...`, ...)"),
      named("$Q", "^(query|execute|raw|\\$queryRawUnsafe|\\$executeRawUnsafe)$"),
      named(
        "$S",
        "(?is)^[\"'`]?\\s*(select\\s.*\\sfrom|insert\\s+into|update\\s.*\\sset|delete\\s+from)\\s.*",
      ),
    ],
  },
  {
    id: "slipway.tls-unverified",
    languages: JS,
    severity: "ERROR",
    message:
      "The certificate of the other side is not verified: anybody in between can read and change all of it.",
    patterns: [
      either(
        "({..., rejectUnauthorized: false, ...})",
        'process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"',
        "process.env.NODE_TLS_REJECT_UNAUTHORIZED = 0",
      ),
      ...CONDITIONS.map((pattern) => ({ "pattern-not-inside": pattern })),
    ],
  },
  {
    id: "slipway.tls-unverified-by-option",
    languages: JS,
    severity: "WARNING",
    message:
      "Under this condition the certificate of the other side is not verified. See who can turn it on.",
    patterns: [
      either("({..., rejectUnauthorized: false, ...})"),
      { "pattern-either": CONDITIONS.map((pattern) => ({ "pattern-inside": pattern })) },
    ],
  },
  {
    id: "slipway.weak-cipher",
    languages: JS,
    severity: "ERROR",
    message: "The cipher is broken, or hides no patterns. Use aes-256-gcm.",
    patterns: [
      either('$C.createCipheriv("$ALGORITHM", ...)', 'createCipheriv("$ALGORITHM", ...)'),
      named("$ALGORITHM", "(?i)^(des|rc2|rc4|bf|.*-ecb)"),
    ],
  },
  {
    id: "slipway.weak-hash",
    languages: JS,
    severity: "WARNING",
    message: "The hash can be forged. Use sha256; for passwords scrypt or argon2.",
    patterns: [
      either('$C.createHash("$ALGORITHM")', 'createHash("$ALGORITHM")'),
      named("$ALGORITHM", "(?i)^(md4|md5|sha1)$"),
    ],
  },
  {
    id: "slipway.jwt-unverified",
    languages: JS,
    severity: "ERROR",
    message: "A token without a signature is accepted: anybody can write one.",
    patterns: [either('$JWT.verify($T, $K, {..., algorithms: [..., "none", ...], ...})')],
  },
  {
    id: "slipway.html-injection",
    languages: JS,
    severity: "WARNING",
    message: "A value becomes part of the page as HTML. Use textContent, or clean it.",
    patterns: [
      either("$E.innerHTML = $X", "$E.outerHTML = $X", "document.write($X)"),
      not('$E.innerHTML = "..."'),
      not('$E.outerHTML = "..."'),
      not('document.write("...")'),
    ],
  },
  {
    id: "slipway.python-shell",
    languages: PYTHON,
    severity: "ERROR",
    message: "A value becomes part of a shell command. Use a list of arguments without shell=True.",
    patterns: [
      either(
        'subprocess.$F(f"...{$X}...", ..., shell=True, ...)',
        'subprocess.$F("..." + $X, ..., shell=True, ...)',
        'os.system(f"...{$X}...")',
        'os.system("..." + $X)',
      ),
    ],
  },
  {
    id: "slipway.python-tls-unverified",
    languages: PYTHON,
    severity: "ERROR",
    message:
      "The certificate of the other side is not verified: anybody in between can read and change all of it.",
    patterns: [either("requests.$F(..., verify=False, ...)", "httpx.$F(..., verify=False, ...)")],
  },
  {
    id: "slipway.python-unsafe-load",
    languages: PYTHON,
    severity: "ERROR",
    message: "Reading it can run code. Use yaml.safe_load.",
    patterns: [either("yaml.unsafe_load(...)", "yaml.load(..., Loader=yaml.UnsafeLoader)")],
  },
]
