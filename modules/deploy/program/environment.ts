/** The part of a request that describes an environment; it comes from `slipway.yaml`. */
import * as z from "zod/mini"
import { environmentKeys, fitTogether, PRODUCTION_APPROVALS } from "./environment/keys.ts"
import { keyed } from "./environment/parts.ts"
import { awsName } from "./environment/services.ts"

export { DAYS } from "./environment/keys.ts"

/** The same schema as that of slipway.yaml, with the environment's name beside its keys. */
export const environmentSchema = z.pipe(
  keyed({ name: awsName(), ...environmentKeys() }).check(fitTogether),
  z.transform(({ approvals, ...rest }) => ({
    ...rest,
    approvals: {
      required: approvals.required ?? (rest.production ? PRODUCTION_APPROVALS : 0),
      people: approvals.people,
    },
  })),
)

type Environment = z.infer<typeof environmentSchema>
export type Service = Environment["services"][number]
export type Migration = NonNullable<Environment["migration"]>
export type UrlCheck = Environment["checks"][number]
export type Bake = NonNullable<Environment["bake"]>
export type Metric = Bake["metrics"][number]
export type Bound = Metric["good"]
export type Freeze = NonNullable<Environment["freeze"]>
export type FreezeWindow = Freeze["windows"][number]
export type Notification = Environment["notifications"][number]
export type Detector = Environment["anomalyDetectors"][number]
