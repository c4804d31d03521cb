/** Schema of the environment in a request: one entry of `environments` in slipway.yaml, with its name. */
import * as z from "zod/mini"
import { environmentKeys, fitTogether, PRODUCTION_APPROVALS } from "./environment/keys.ts"
import { keyed } from "./environment/parts.ts"
import { awsName } from "./environment/services.ts"

export { DAYS } from "./environment/windows.ts"

/** The schema of slipway.yaml, with the name as another key. */
export const environmentSchema = z.pipe(
  keyed({ name: awsName(), ...environmentKeys() }).check(fitTogether),
  z.transform(({ approvals, ...rest }) => ({
    ...rest,
    approvals: {
      ...approvals,
      required: approvals.required ?? (rest.production ? PRODUCTION_APPROVALS : 0),
    },
  })),
)

type Environment = z.infer<typeof environmentSchema>
export type Service = Environment["services"][number]
export type Analysis = NonNullable<Service["analysis"]>
export type AnalysisMetric = Analysis["metrics"][number]
export type Migration = NonNullable<Environment["migration"]>
export type UrlCheck = Environment["checks"][number]
export type Bake = NonNullable<Environment["bake"]>
export type Metric = Bake["metrics"][number]
export type Bound = Metric["good"]
export type Approvals = Environment["approvals"]
export type Vendor = NonNullable<Approvals["vendor"]>
export type Freeze = NonNullable<Environment["freeze"]>
export type FreezeWindow = Freeze["windows"][number]
export type Notification = Environment["notifications"][number]
export type Detector = Environment["anomalyDetectors"][number]
