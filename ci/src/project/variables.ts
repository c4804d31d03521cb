/** The environment variables that settings of package managers, and requirements, want. */

/** A variable, and where it is wanted. */
export interface Wanted {
  readonly name: string
  /** Path in the repository. */
  readonly file: string
  /** 1-based. */
  readonly line: number
  /** What the file says lies in registries of the team's own: their hosts, and scopes of packages: `@acme`. */
  readonly registries: readonly string[]
}

/** `${NPM_TOKEN}`: without a default behind it, which makes it optional; bun writes `$NPM_TOKEN` as well. */
const VARIABLE = /\$\{([A-Za-z_]\w*)\}/g
const BUN_VARIABLE = /\$\{?([A-Za-z_]\w*)\}?/g

/** Registries that need no token to read. */
const PUBLIC = ["registry.npmjs.org", "registry.yarnpkg.com", "pypi.org"]

/** Returns the hosts of registries that a line names, and the scopes that it keeps there. */
function registriesIn(line: string): readonly string[] {
  const hosts = [...line.matchAll(/\/\/(?:[^/\s@]*@)?([\w-]+(?:\.[\w-]+)+)/g)].map(([, host = ""]) => host)
  const own = hosts.filter((host) => !PUBLIC.includes(host))
  return own.length === 0 ? [] : [...own, ...(line.match(/@[\w.-]+(?=["':])/g) ?? [])]
}

/** Returns the variables that a settings file cannot do without. */
export function wantedIn(file: string, text: string): readonly Wanted[] {
  const lines = text.split(/\r?\n/).map((line) => (/^\s*[#;]/.test(line) ? "" : line))
  const registries = [...new Set(lines.flatMap(registriesIn))]
  return lines.flatMap((line, i) =>
    [...line.matchAll(file.endsWith(".toml") ? BUN_VARIABLE : VARIABLE)].map(([, name = ""]) => ({
      name,
      file,
      line: i + 1,
      registries,
    })),
  )
}

/** Returns patterns (grep -E) of the registries that do not give everything without the variables that are missing. */
export const registriesOf = (missing: readonly Wanted[]): readonly string[] =>
  [...new Set(missing.flatMap(({ registries }) => registries))].map((one) => one.replaceAll(".", "[.]"))

/** Tells whether a log names a registry that wants a variable which is missing. */
export const namesRegistry = (log: string, missing: readonly Wanted[]): boolean =>
  registriesOf(missing).some((one) => new RegExp(one).test(log))

/** Names of the files in the root of a project that may want variables. */
export const SETTINGS = [".npmrc", ".yarnrc.yml", "bunfig.toml"]

/** Says what is missing, and how to give it. */
export const missingText = ({ name, file, line }: Wanted): string =>
  `${file}:${line} needs the variable ${name}, which is not set. Name it under \`secrets\` in slipway.yaml and set it where Slipway is started`
