import parser from "@typescript-eslint/parser"
import sonarjs from "eslint-plugin-sonarjs"

/**
 * What is no matter of maintenance: rules about security (the stage `code` looks for that), and rules that ask for what
 * is not here: the project's installed packages, and whether its tsconfig.json sets `exactOptionalPropertyTypes`.
 */
const APART =
  /^(aws-|no-hardcoded-|hardcoded-|no-weak-|no-clear-text|no-os-command|weak-ssl|unverified-|insecure-|dompurify-)/
const OFF = `code-eval sql-queries pseudo-random file-uploads file-permissions xml-parser-xxe web-sql-database
  post-message cookie-no-httponly csrf production-debug os-command hashing cors link-with-target-blank
  disabled-auto-escaping publicly-writable-directories encryption-secure-mode no-intrusive-permissions x-powered-by
  hidden-files content-length disabled-resource-integrity content-security-policy no-mixed-content frame-ancestors
  no-mime-sniff no-referrer-policy strict-transport-security confidential-information-logging no-ip-forward
  session-regeneration disabled-timeout no-angular-bypass-sanitization no-unsafe-unzip review-blockchain-mnemonic
  dynamically-constructed-templates no-session-cookies-on-static-assets no-hardcoded-ip no-implicit-dependencies
  no-redundant-optional slow-regex super-linear-regex`.split(/\s+/)

const rules = Object.fromEntries(
  Object.entries(sonarjs.configs.recommended.rules).map(([name, setting]) => {
    const short = name.replace("sonarjs/", "")
    return [name, APART.test(short) || OFF.includes(short) ? "off" : setting]
  }),
)

/** Sonar's recommended profile, on every file of JavaScript and TypeScript, without type information. */
export default [
  {
    files: ["**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx}"],
    languageOptions: { parser, parserOptions: { ecmaFeatures: { jsx: true } } },
    linterOptions: { reportUnusedDisableDirectives: "off" },
    plugins: { sonarjs },
    rules,
  },
]
