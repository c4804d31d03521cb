import {
  aFlag,
  aNumber,
  aText,
  type Check,
  type Checks,
  fields,
  listOf,
  orNull,
  recordOf,
  shape,
} from "./check.ts"
import {
  type World,
  type WorldContainer,
  type WorldImage,
  type WorldRepository,
  type WorldSettings,
  worldFor,
} from "./world.ts"

type ServiceSettings = WorldSettings["services"][number]
type DefinitionSettings = NonNullable<WorldSettings["taskDefinitions"]>[number]

const service: Check<ServiceSettings> = shape<ServiceSettings>(
  { name: "" },
  {
    name: aText,
    family: aText,
    container: aText,
    image: aText,
    desired: aNumber,
    revision: aNumber,
    port: aNumber,
    hosts: listOf(aText),
    testHosts: listOf(aText),
    healthPath: aText,
    advancedConfiguration: aFlag,
    deregistrationDelay: aNumber,
    deploymentConfiguration: fields,
    definition: fields,
    described: fields,
  },
)

const CONTAINER: WorldContainer = { name: "", image: "scratch", command: [], environment: {} }

const container = shape(CONTAINER, {
  name: aText,
  image: aText,
  command: listOf(aText),
  environment: recordOf(aText),
})

const definition: Check<DefinitionSettings> = shape<DefinitionSettings>(
  { family: "" },
  {
    family: aText,
    revision: aNumber,
    containers: listOf(container),
    definition: fields,
  },
)

const image = shape<WorldImage>({ digest: "", tags: [] }, { digest: aText, tags: listOf(aText) })

const repository = shape<WorldRepository>(
  { name: "", images: null },
  { name: aText, images: orNull(listOf(image)) },
)

const CHECKS: Checks<WorldSettings> = {
  account: aText,
  region: aText,
  cluster: aText,
  services: listOf(service),
  taskDefinitions: listOf(definition),
  database: orNull(aText),
  databases: listOf(aText),
  databaseClusters: recordOf(listOf(aText)),
  repositories: orNull(listOf((value, at) => (typeof value === "string" ? value : repository(value, at)))),
  roles: orNull(listOf(aText)),
  trusts: recordOf(listOf(aText)),
  resourcePolicies: recordOf(aText),
  functions: orNull(listOf(aText)),
  secrets: orNull(listOf(aText)),
  parameters: orNull(recordOf(aText)),
  logGroups: orNull(listOf(aText)),
  subnets: orNull(listOf(aText)),
  securityGroups: orNull(listOf(aText)),
  alarms: listOf(aText),
  buckets: orNull(listOf(aText)),
  versioned: aFlag,
  policies: orNull(recordOf(listOf(fields))),
  tasksIn: orNull(aText),
  taskDone: orNull(aText),
  app: orNull(aText),
}

const DEFAULTS: WorldSettings = {
  account: "111122223333",
  region: "eu-central-1",
  cluster: "default",
  services: [],
}

/**
 * Parses a world. Missing settings have AWS's defaults.
 *
 * @param name name of the file, for messages.
 * @throws Error with the wrong key.
 */
export function parseWorld(source: string, name: string): World {
  try {
    return worldFor(shape(DEFAULTS, CHECKS)(JSON.parse(source), ""))
  } catch (error) {
    throw new Error(`world ${name}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
