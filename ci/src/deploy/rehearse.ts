import { dag, type Secret, type Service } from "@dagger.io/dagger"
import { didYouMean } from "../config/suggest.js"
import { recordOf } from "../formats/json.js"
import { detectIn } from "../project/repository.js"
import { Fault } from "../run/fault.js"
import { INSTEAD_OF_AWS, type Request } from "../run/request.js"
import type { Checkout } from "./deploy.js"
import { readFilled } from "./filled-json.js"
import { checkoutOf, type DeployOptions, requestOf, run, settingsOf } from "./functions.js"
import { madeUpApprovals } from "./made-up-people.js"
import { type Credentials, modules } from "./modules.js"
import { ownApp } from "./own-app.js"
import { rehearsalOf } from "./rehearsal.js"
import { environmentOf } from "./request.js"

/**
 * Runs a deployment against the AWS simulator. Images and approvals that are not given are made up.
 *
 * @param app run the project's app and migration instead of simulated answers.
 */
export async function rehearsed(
  caller: Request,
  options: DeployOptions,
  scenario: string,
  app: boolean,
): Promise<string> {
  await assertKnown(scenario)
  const checkout = await checkoutOf(caller, options)
  const environment = environmentOf(checkout.opened.config, options.env)
  const { commit } = checkout.commits
  const rehearsal = rehearsalOf(environment, commit, await policyOf(checkout, options.env))
  const request = await requestOf({
    ...options,
    images: options.images || (rehearsal?.images.join(",") ?? ""),
  })
  const id = `${commit}-${Date.now()}`
  const { opened } = checkout
  const own = app
    ? await ownApp((await detectIn(opened)).whole, opened.source, rehearsal?.migrates ?? null, id)
    : null
  const { required } = recordOf(environment.approvals)
  const made = request.approvals === "" ? madeUpApprovals({ ...request, commit, scenario, required }) : null
  return run(caller, startedBySomebody(checkout), {
    ...settingsOf(options),
    request: { ...request, approvals: made?.approvals ?? request.approvals },
    credentials: {
      ...identity(environment),
      notify: secret("notify", JSON.stringify(rehearsal?.notify ?? {})),
      aws: simulated(rehearsal?.world, own, { scenario, run: id }),
    },
    rehearsal: {
      clock: INSTEAD_OF_AWS,
      endpoints: rehearsal?.endpoints,
      approvers: made?.approvers,
    },
  })
}

/** Starts the simulator with an account, in which the project's own app answers where it is given. */
function simulated(
  world: object | undefined,
  own: Awaited<ReturnType<typeof ownApp>> | null,
  options: { readonly scenario: string; readonly run: string },
): Service {
  const { machine, ...ways } = own ?? {}
  return modules()
    .awsSimulator()
    .serve(JSON.stringify({ ...world, ...ways }), { ...options, ...(machine ? { machine } : {}) })
}

/** Who starts a rehearsal need not be known: no approval of it counts. */
const startedBySomebody = ({ opened, commits }: Checkout): Checkout => ({
  opened: { ...opened, context: { ...opened.context, actor: opened.context.actor ?? "rehearsal" } },
  commits,
})

/** Reads the policy of the environment's role; null: slipway.yaml names none. */
async function policyOf({ opened }: Checkout, name: string): Promise<object | null> {
  const environment = environmentOf(opened.config, name)
  const { rolePolicy: file } = environment
  return typeof file === "string" ? readFilled(opened.source, { environment, name, file }) : null
}

/** The simulator accepts any keys. A role must be assumed with a token. */
const identity = ({ role }: Readonly<Record<string, unknown>>): Credentials =>
  role
    ? { webIdentityToken: secret("token", TOKEN) }
    : { accessKeyId: secret("key", "rehearsal-key"), secretAccessKey: secret("secret", "rehearsal-secret") }

/** @throws {Fault} `configuration` for an unknown name. The simulator checks a scenario that is JSON. */
async function assertKnown(scenario: string): Promise<void> {
  if (scenario.trimStart().startsWith("{")) return
  const names = (await modules().awsSimulator().scenarios()).split("\n")
  if (names.includes(scenario)) return
  throw new Fault("configuration", {
    what: `unknown scenario ${JSON.stringify(scenario)}${didYouMean(scenario, names)}`,
    where: null,
    fix: `use one of ${names.join(", ")}, or pass a scenario as JSON`,
  })
}

/** An unsigned token in the form of a CI vendor's. */
const TOKEN = [{ alg: "none" }, { sub: "rehearsal" }, {}]
  .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
  .join(".")

const secret = (name: string, text: string): Secret => dag.setSecret(`slipway-rehearsal-${name}`, text)
