import type { Service } from "../operation.ts"
import { definitions } from "./definitions.ts"
import { deployments } from "./deployments.ts"
import { services } from "./services.ts"
import { tasks } from "./tasks.ts"

export const ecs: Service = {
  name: "ecs",
  operations: { ...services, ...definitions, ...deployments, ...tasks },
}
