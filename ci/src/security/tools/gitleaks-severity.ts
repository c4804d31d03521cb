import { anyOf } from "../../formats/pattern.js"
import { folderOf } from "../../project/manifest.js"
import type { Finding } from "../../run/result.js"

/** What gitleaks says of a secret that it found: its rule, the file, the text with the secret taken out. */
interface FoundSecret {
  readonly RuleID: string
  readonly File: string
  readonly Match?: string | null | undefined
}

/** A migration of Django, and how gitleaks reports the app that one names: `("api", "0018_remove_ping_body")`. */
const MIGRATION = /(?:^|\/)migrations\/\d{4}_\w+\.py$/
const APP = /^\W*(?:api|auth|authtoken|access|\w+_(?:api|auth))["'],\s*["']REDACTED\b/

/** The rule of generic keys takes the name of any migration of an app called api or auth for a key. */
const namesMigration = ({ RuleID, File, Match }: FoundSecret): boolean =>
  RuleID === "generic-api-key" && MIGRATION.test(File) && APP.test(Match ?? "")

const CERTIFICATE = anyOf(
  [/\.(?:crt|cer|cert)$/, /(?:^|[/._-])(?:certs?|certificate|ca|chain)(?:[._-][^/]*)?\.pem$/],
  "i",
)

/** Returns the certificates among some files, by their names. */
export const certificatesIn = (files: readonly string[]): readonly string[] =>
  files.filter((file) => CERTIFICATE.test(file))

const OF_TESTS = /(?:^|\/)(?:tests?|__tests__|specs?|(?:__)?fixtures?(?:__)?|testdata)\//i

/** A key beside its certificate in a folder of tests is that of a server which tests alone ask. */
const isKeyOfTests = ({ RuleID, File }: FoundSecret, certificates: readonly string[]): boolean =>
  RuleID === "private-key" &&
  OF_TESTS.test(File) &&
  certificates.some((file) => file !== File && folderOf(file) === folderOf(File))

const OF_DOCUMENTATION = anyOf(
  [
    /(?:^|\/)docusaurus\.config\.[cm]?[jt]s$/,
    /(?:^|\/)\.(?:vitepress|vuepress)\//,
    /(?:^|\/)(?:docs?|website|site)\/[\w.-]*config[\w.-]*$/,
    /(?:^|\/)(?:docs?|website|site)\/src\/components\/.*search/,
  ],
  "i",
)

/**
 * The key by which readers of a site of documentation search it: their browsers have it, and it can do nothing else.
 *
 * @see https://docusaurus.io/docs/search#using-algolia-docsearch
 */
const isSearchKey = ({ RuleID, File }: FoundSecret): boolean =>
  RuleID === "algolia-api-key" && OF_DOCUMENTATION.test(File)

/** Returns how much a finding weighs. @param certificates files beside which a key may lie. */
export function severityOf(leak: FoundSecret, certificates: readonly string[]): Finding["severity"] {
  if (namesMigration(leak)) return "low"
  return isSearchKey(leak) || isKeyOfTests(leak, certificates) ? "medium" : "high"
}
