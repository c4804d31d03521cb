/** What shows that a vendor's files are right, beside a shell that runs their lines as its machine does. */
interface Proof {
  /** The vendor's published schema that check-jsonschema has, and how the files are read. */
  readonly schema?: readonly [name: string, transform?: string]
  /** What else checks the syntax. */
  readonly linters?: readonly string[]
  /** What else runs the files. */
  readonly runner?: string
}

/** By vendor. The rare suites `wrappers`, `deployments` and `way` do it. */
export const PROOFS: Readonly<Record<string, Proof>> = {
  github: { schema: ["github-workflows"], linters: ["actionlint"], runner: "act" },
  gitlab: { schema: ["gitlab-ci", "gitlab-ci"], runner: "gitlab-ci-local" },
  azure: { schema: ["azure-pipelines", "azure-pipelines"] },
  circleci: { schema: ["circle-ci"] },
  jenkins: { linters: ["Groovy, which runs every stage"] },
  buildkite: { schema: ["buildkite"] },
  bitbucket: { schema: ["bitbucket-pipelines"] },
  codebuild: { linters: ["YAML alone"] },
}

/** Options of check-jsonschema, by vendors that have a schema. */
export const SCHEMAS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(PROOFS).flatMap(([vendor, { schema }]) => {
    if (schema === undefined) return []
    const [name, transform] = schema
    const more = transform === undefined ? [] : ["--data-transform", transform]
    return [[vendor, ["--builtin-schema", `vendor.${name}`, ...more]]]
  }),
)
