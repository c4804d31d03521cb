/** The environment variables that settings of package managers want. */

/** A variable, and where it is wanted. */
export interface Wanted {
  readonly name: string
  /** Path in the repository. */
  readonly file: string
  /** 1-based. */
  readonly line: number
}

/** `${NPM_TOKEN}`: without a default behind it, which makes it optional; bun writes `$NPM_TOKEN` as well. */
const VARIABLE = /\$\{([A-Za-z_]\w*)\}/g
const BUN_VARIABLE = /\$\{?([A-Za-z_]\w*)\}?/g

/** Returns the variables that a settings file cannot do without. */
export const wantedIn = (file: string, text: string): readonly Wanted[] =>
  text.split(/\r?\n/).flatMap((line, i) =>
    /^\s*[#;]/.test(line)
      ? []
      : [...line.matchAll(file.endsWith(".toml") ? BUN_VARIABLE : VARIABLE)].map(([, name = ""]) => ({
          name,
          file,
          line: i + 1,
        })),
  )

/** Names of the files in the root of a project that may want variables. */
export const SETTINGS = [".npmrc", ".yarnrc.yml", "bunfig.toml"]

/** Says what is missing, and how to give it. */
export const missingText = ({ name, file, line }: Wanted): string =>
  `${file}:${line} needs the variable ${name}, which is not set. Name it under \`secrets\` in slipway.yaml and set it where Slipway is started`
