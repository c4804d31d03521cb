/** The services by the name that a request's signature carries, with their protocols. */
import { ecs } from "../ecs/index.ts"
import type { Service } from "../operation.ts"
import type { QueryStyle } from "../protocol/query.ts"
import { elb } from "./elb.ts"
import { sts } from "./sts.ts"

/** By what stands before the dot in X-Amz-Target. */
export const JSON_SERVICES: Readonly<Record<string, Service>> = {
  AmazonEC2ContainerServiceV20141113: ecs,
}

export interface QueryService extends Service, QueryStyle {}

const style = (namespace: string, elements: QueryStyle["elements"] = {}): QueryStyle => ({
  namespace,
  elements,
  flat: false,
})

/** By the service in the signature's scope, or, unsigned, by the action. */
export const QUERY_SERVICES: Readonly<Record<string, QueryService>> = {
  elasticloadbalancing: {
    name: "elasticloadbalancing",
    operations: elb,
    ...style("http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"),
  },
  sts: { name: "sts", operations: sts, ...style("https://sts.amazonaws.com/doc/2011-06-15/") },
}
