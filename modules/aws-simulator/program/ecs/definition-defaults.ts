/** What ECS answers of a task definition that its author left out. */
import { type Fields, fieldsOf, numberOr, records, textOr } from "../fields.ts"

const HEALTH = { interval: 30, timeout: 5, retries: 3 }

const portShape = (mapping: Fields, mode: string): Fields => ({
  hostPort: ["awsvpc", "host"].includes(mode) ? numberOr(mapping, "containerPort", 0) : 0,
  protocol: "tcp",
  ...mapping,
})

/** ECS keeps no order of variables: here, they come by their names. */
const byName = (list: readonly Fields[]): readonly Fields[] =>
  list.toSorted((left, right) => textOr(left, "name", "").localeCompare(textOr(right, "name", "")))

function containerShape(container: Fields, mode: string): Fields {
  const filled = {
    cpu: 0,
    essential: true,
    mountPoints: [],
    volumesFrom: [],
    systemControls: [],
    ...container,
    environment: byName(records(container, "environment")),
    portMappings: records(container, "portMappings").map((mapping) => portShape(mapping, mode)),
  }
  return "healthCheck" in container
    ? { ...filled, healthCheck: { ...HEALTH, ...fieldsOf(container, "healthCheck") } }
    : filled
}

const volumeShape = (volume: Fields): Fields =>
  Object.keys(volume).length === 1 ? { ...volume, host: {} } : volume

/** `0.5 vCPU` and `1 GB` become `512` and `1024`. */
const sized = (registered: Fields, key: "cpu" | "memory"): Fields => {
  const written = textOr(registered, key, null)
  const [, number] = /^([\d.]+) ?(?:vCPU|GB)$/i.exec(written ?? "") ?? []
  return number === undefined ? {} : { [key]: String(Number(number) * 1024) }
}

/** Fills in ECS's defaults: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html */
export function filled(registered: Fields): Fields {
  const mode = textOr(registered, "networkMode", "bridge")
  return {
    placementConstraints: [],
    requiresAttributes: [{ name: "com.amazonaws.ecs.capability.task-iam-role" }],
    ...registered,
    ...sized(registered, "cpu"),
    ...sized(registered, "memory"),
    volumes: records(registered, "volumes").map(volumeShape),
    containerDefinitions: records(registered, "containerDefinitions").map((one) => containerShape(one, mode)),
  }
}
