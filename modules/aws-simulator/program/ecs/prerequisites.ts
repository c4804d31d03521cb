/** What AWS requires of a service or a task before it starts a deployment or the task. */
import { AwsError } from "../error.ts"
import { type Fields, fieldsOf, flag, numberOr, records, textOr, texts } from "../fields.ts"
import { strategyOf } from "../rollout/find.ts"
import type { Service, State, TaskDefinition } from "../state.ts"
import { isThere } from "../world.ts"

const invalid = (message: string): AwsError => new AwsError("InvalidParameterException", message)

/** Limits of settings: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html */
const LIMITS: readonly (readonly [section: string | null, key: string, low: number, high: number])[] = [
  [null, "bakeTimeInMinutes", 0, 1440],
  ["canaryConfiguration", "canaryPercent", 0.1, 100],
  ["canaryConfiguration", "canaryBakeTimeInMinutes", 0, 1440],
  ["linearConfiguration", "stepPercent", 3, 100],
  ["linearConfiguration", "stepBakeTimeInMinutes", 0, 1440],
]

/** Stages in which traffic shifts: only Lambda hooks run there. */
const NO_PAUSE = ["TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT"]

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentLifecycleHook.html */
function checkHooks(configuration: Fields): void {
  const pauses = records(configuration, "lifecycleHooks").filter(({ targetType }) => targetType === "PAUSE")
  const stage = pauses.flatMap((hook) => texts(hook, "lifecycleStages")).find((one) => NO_PAUSE.includes(one))
  if (stage !== undefined) throw invalid(`PAUSE hooks cannot be configured at the ${stage} stage.`)
}

/** @throws AwsError for a value outside of its limits. */
function checkLimits(configuration: Fields): void {
  checkHooks(configuration)
  for (const [section, key, low, high] of LIMITS) {
    const value = numberOr(section === null ? configuration : fieldsOf(configuration, section), key, null)
    if (value !== null && (value < low || value > high))
      throw invalid(`${key} must be between ${low} and ${high}.`)
  }
}

/** Strategies that shift traffic in steps: without a load balancer (or Service Connect) there is none to shift. */
const SHIFTING = ["CANARY", "LINEAR"]

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-implementation.html */
function checkStrategy(service: Service): void {
  const strategy = strategyOf(service)
  if (strategy === "ROLLING") return
  if (service.targetGroup === null) {
    if (!SHIFTING.includes(strategy)) return
    throw invalid(`The ${strategy} deployment strategy requires a load balancer or Service Connect.`)
  }
  if (service.alternateTargetGroup === null)
    throw invalid(
      `The ${strategy} deployment strategy requires advancedConfiguration (alternateTargetGroupArn, productionListenerRule, roleArn) for each load balancer.`,
    )
}

function checkAlarms(state: State, configuration: Fields): void {
  const alarms = fieldsOf(configuration, "alarms")
  const missing = flag(alarms, "enable")
    ? texts(alarms, "alarmNames").filter((name) => !(name in state.alarms))
    : []
  if (missing.length > 0)
    throw invalid(`The following CloudWatch alarms do not exist: ${missing.join(", ")}.`)
}

/** What a service may be asked for depends on who deploys it. */
function checkController({ described }: Service, input: Fields): void {
  const type = textOr(fieldsOf(described, "deploymentController"), "type", "ECS")
  if (type === "ECS" || textOr(input, "taskDefinition", null) === null) return
  const use = type === "CODE_DEPLOY" ? " Use AWS CodeDeploy to trigger a new deployment." : ""
  throw invalid(`Unable to update task definition on services with a ${type} deployment controller.${use}`)
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_definition_parameters.html */
function checkPercentages({ described, desired }: Service, configuration: Fields): void {
  const most = numberOr(configuration, "maximumPercent", null)
  if (textOr(described, "schedulingStrategy", "REPLICA") === "DAEMON" && most !== null && most > 100)
    throw invalid(
      "The daemon scheduling strategy does not support values above 100 for maximumPercent on a deployment configuration. Change the maximumPercent value to 100, and try again",
    )
  if (desired > 0 && most === 100 && numberOr(configuration, "minimumHealthyPercent", null) === 100)
    throw invalid(
      "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.",
    )
}

/** @throws AwsError if the service cannot be updated as requested. */
export function checkUpdatable(service: Service, input: Fields): void {
  if (textOr(service.described, "status", "ACTIVE") !== "ACTIVE")
    throw new AwsError("ServiceNotActiveException", "Service was not ACTIVE.")
  checkController(service, input)
  const configuration = fieldsOf(input, "deploymentConfiguration")
  checkPercentages(service, configuration)
  checkLimits(configuration)
}

/** @throws AwsError if AWS would refuse to start a deployment of the service with its settings. */
export function checkDeployable(state: State, service: Service): void {
  checkStrategy(service)
  checkAlarms(state, service.configuration)
}

/** @throws AwsError if AWS would refuse to run a task of the definition. */
export function checkRunnable(state: State, definition: TaskDefinition, input: Fields): void {
  const network = fieldsOf(fieldsOf(input, "networkConfiguration"), "awsvpcConfiguration")
  const subnets = texts(network, "subnets")
  const mode = textOr(definition.registered, "networkMode", null)
  if (mode === "awsvpc" && subnets.length === 0)
    throw invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
  if (mode !== "awsvpc" && subnets.length > 0)
    throw invalid("Network Configuration is not valid for the given networkMode of this task definition.")
  const missing = subnets.find((subnet) => !isThere(state.world.subnets, subnet))
  if (missing !== undefined)
    throw invalid(
      `Error retrieving subnet information for [${missing}]: The subnet ID '${missing}' does not exist (ErrorCode: InvalidSubnetID.NotFound)`,
    )
}
