import * as z from "zod/mini"
import { a11y, app, dast, load } from "../app/config.js"
import { environments } from "../deploy/config.js"
import { bundleSection, imageSection } from "../image/config.js"
import { quality } from "../quality/config.js"
import { security } from "../security/config.js"
import { terraform } from "../terraform/config.js"
import { coverage, service, services, tests } from "../testing/config.js"
import {
  ARGUMENT,
  about,
  env,
  folder,
  INSIDE,
  image,
  keyed,
  list,
  map,
  name,
  orNull,
  patterns,
  section,
  text,
  timeout,
  whole,
} from "./parts.js"

/**
 * The schema of `slipway.yaml`. An error text in it completes "expected …", for {@link parseConfig} to build
 * messages from; that of a map with fixed keys is the list of those keys when a key is unknown.
 */

/** What is used where slipway.yaml does not say. */
export const DEFAULTS = {
  concurrency: 4,
  postgres: { version: "15", database: "test", user: "test" },
  inputs: ["**"],
} as const

/** The major versions of Node.js that Slipway has images for. */
export const NODE_MAJORS = ["18", "19", "20", "21", "22", "23", "24", "25", "26"] as const

const stage = (description: string) =>
  about(
    description,
    section({
      enabled: about("false leaves the stage out.", z._default(z.boolean("true or false"), true)),
      script: about(
        "The package.json script to run instead of the detected one.",
        orNull(text("the name of a package.json script", ARGUMENT)),
      ),
      timeout: timeout(),
      env: env(),
    }),
  )

const custom = () =>
  keyed({
    image: about("The image that the commands run in.", image()),
    commands: about(
      "Shell commands, run in this order by sh -c.",
      z.array(text("a shell command"), "a list of commands").check(z.minLength(1, "at least one command")),
    ),
    workdir: about("The folder the commands run in, relative to the project.", z._default(folder(), "")),
    inputs: about(
      "The files the stage reads. It runs again only when one changes.",
      patterns(DEFAULTS.inputs),
    ),
    needs: about("Stages that must pass first.", list(text("the name of a stage"), "a list of stage names")),
    services: about(
      "Services to run beside it, by the host name they answer to.",
      map(name(), service(), "a map of host names to services"),
    ),
    caches: about(
      "Folders kept from run to run, by name.",
      map(name(), text("the path of a folder"), "a map of cache names to paths"),
    ),
    env: env(),
    timeout: timeout(),
    junit: about(
      "Where the commands leave JUnit reports, as a glob pattern.",
      orNull(text("a glob pattern relative to the project", INSIDE)),
    ),
    coverage: about(
      "Where the commands leave line coverage, as a glob pattern: lcov, Cobertura, or Istanbul's JSON.",
      orNull(text("a glob pattern relative to the project", INSIDE)),
    ),
  })

const node = () => {
  const expected = `a major version of Node.js from ${NODE_MAJORS[0]} to ${NODE_MAJORS.at(-1)}`
  const number = whole(expected, Number(NODE_MAJORS[0]), Number(NODE_MAJORS.at(-1)))
  return z.pipe(z.union([z.enum(NODE_MAJORS), number], expected), z.transform(String))
}

const images = () =>
  section({
    prefix: about(
      "Put before the names of Docker Hub images: a mirror of your own.",
      orNull(
        text(
          'a registry and path such as "registry.example.org/dockerhub"',
          /^[A-Za-z0-9][\w.-]*(:\d+)?(\/[\w.-]+)*$/,
        ),
      ),
    ),
    overrides: about(
      "Images to use instead, by name.",
      map(text("an image"), image(), "a map of images to images"),
    ),
  })

const postgres = () => {
  const version = 'a version such as "15" (one with a dot in quotes)'
  const role = () => text("letters, digits, dashes and underscores, no digit first", /^[A-Za-z_][\w-]{0,62}$/)
  return section({
    version: z._default(
      z.pipe(
        z.union([text(version, /^\d{1,2}(\.\d{1,2})?$/), whole(version, 1, 99)], version),
        z.transform(String),
      ),
      DEFAULTS.postgres.version,
    ),
    database: z._default(role(), DEFAULTS.postgres.database),
    user: z._default(role(), DEFAULTS.postgres.user),
  })
}

const stages = () =>
  section({
    install: stage("Dependencies, installed from the lock file."),
    lint: stage("The linter."),
    format: stage("The formatter, checking only."),
    types: stage("The type checker."),
    deadcode: stage("Unused files, exports and dependencies."),
    duplication: stage("Lines that stand in several places."),
    maintainability: stage("Bugs and code smells, against a gate."),
    privacy: stage("Personal data in logs, storage, addresses, fixtures and messages."),
    sonar: stage("The hand-over to a SonarQube server."),
    unit: stage("Unit tests."),
    integration: stage("Integration tests, against a migrated PostgreSQL."),
    e2e: stage("End-to-end tests in a browser, on the built app with its database."),
    a11y: stage("Accessibility of the built app's pages (axe)."),
    load: stage("Load tests (k6)."),
    dast: stage("Probes of the running app from outside."),
    coverage: stage("Coverage of all tests together, against its gates."),
    dependencies: stage("Known vulnerabilities in dependencies."),
    code: stage("Insecure code."),
    secrets: stage("Secrets in the files and in the commits of the change."),
    "image-scan": stage("Known vulnerabilities in the built images."),
    infrastructure: stage("Insecure Terraform and Dockerfiles."),
    licences: stage("Licences of dependencies, against the lists that are allowed and denied."),
    waivers: stage("The file of waivers: what in it is expired or unused."),
    image: stage("The images built from Dockerfiles."),
    bundle: stage("The sizes of built bundles, against a budget."),
    sbom: stage("The bill of materials of each image."),
    "terraform-fmt": stage("The formatting of Terraform files."),
    "terraform-validate": stage("Each Terraform root module, validated with its providers."),
    "terraform-policy": stage("Required tags and plain secrets in Terraform files."),
  })

/** Builds the schema. Done only when there is a file to check: building takes longer than most checks. */
export function configSchema() {
  return keyed({
    project: about("The name shown in reports.", orNull(text("a name"))),
    node: about("The major version of Node.js.", orNull(node())),
    workspaces: about(
      "The folders to treat as workspaces instead of the detected ones; [] for the root package alone.",
      orNull(z.array(folder(), "a list of folders")),
    ),
    concurrency: about(
      "How many stages run side by side.",
      z._default(whole("a whole number from 1 to 64", 1, 64), DEFAULTS.concurrency),
    ),
    ignore: about("Files left out of the source, besides those always left out.", patterns()),
    images: about("Where images come from.", images()),
    image: about("The images that are built from Dockerfiles.", imageSection()),
    bundle: about("How large built frontends may be.", bundleSection()),
    postgres: about("The PostgreSQL of integration tests.", postgres()),
    app: about("The running app, for the tests that look at it from outside.", app()),
    a11y: about("The accessibility check.", a11y()),
    load: about("Load tests.", load()),
    dast: about("Probes of the running app.", dast()),
    services: services(),
    tests: about("How tests run.", tests()),
    coverage: about("Gates for the coverage of lines.", coverage()),
    quality: about("The gates of the code's quality.", quality()),
    stages: about("Settings of the built-in stages.", stages()),
    terraform: about("Infrastructure by Terraform or OpenTofu.", terraform()),
    security: about("What scanners look at, and what fails the check.", security()),
    environments: about("Where releases are deployed, by name.", environments()),
    custom: about("Stages of your own, by name.", map(name(), custom(), "a map of stage names to stages")),
  })
}

/** The JSON Schema of `slipway.yaml`, for editors: `ci/slipway.schema.json`. */
export function jsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(configSchema(), { io: "input", target: "draft-07" })
  return {
    $schema,
    title: "slipway.yaml",
    description: "What Slipway does not find out by itself.",
    ...schema,
  }
}
