/** Lambda, as far as a deployment looks at the functions of lifecycle hooks. */
import { AwsError } from "../error.ts"
import { text } from "../fields.ts"
import { arn } from "../ids.ts"
import { looks, type RestService } from "../operation.ts"
import { isThere } from "../world.ts"

/** Name and qualifier in a function's ARN, or in a name. */
const NAME = /^(?:arn:[^:]+:lambda:[^:]*:\d{12}:function:)?([^:]+)(?::([^:]+))?$/

export const lambda: RestService = {
  name: "lambda",
  routes: {
    GetFunctionConfiguration: {
      method: "GET",
      path: /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)\/configuration$/,
    },
    GetPolicy: { method: "GET", path: /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)\/policy$/ },
  },
  operations: {
    GetFunctionConfiguration: looks(({ world, happened }, input) => {
      const [, name = "", qualifier] = NAME.exec(text(input, "FunctionName")) ?? []
      const unqualified = arn(world, "lambda", `function:${name}`)
      const FunctionArn = qualifier === undefined ? unqualified : `${unqualified}:${qualifier}`
      if (!isThere(world.functions, name))
        throw new AwsError("ResourceNotFoundException", `Function not found: ${FunctionArn}`, 404)
      return {
        FunctionName: name,
        FunctionArn,
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        State: "Active",
        LastUpdateStatus: "Successful",
        LastModified: new Date(happened.start ?? 0).toISOString(),
      }
    }),
    GetPolicy: looks(({ world }, input) => {
      const name = text(input, "FunctionName")
      const Policy =
        world.resourcePolicies[name.startsWith("arn:") ? name : arn(world, "lambda", `function:${name}`)]
      if (Policy !== undefined) return { Policy }
      throw new AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404)
    }),
  },
}
