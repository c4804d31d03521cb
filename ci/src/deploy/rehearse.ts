import { dag, type Secret, type Service } from "@dagger.io/dagger"
import { didYouMean } from "../config/suggest.js"
import { recordOf } from "../formats/json.js"
import { detectIn } from "../project/repository.js"
import { Fault } from "../run/fault.js"
import { INSTEAD_OF_AWS, type Request } from "../run/request.js"
import type { Checkout, RunSettings } from "./deploy.js"
import { readFilled } from "./filled-json.js"
import { checkoutOf, type DeployOptions, requestOf, run, runWaves, settingsOf } from "./functions.js"
import { madeUpApprovals } from "./made-up-people.js"
import { type Credentials, modules } from "./modules.js"
import { wavesOf } from "./named-waves.js"
import { ownApp } from "./own-app.js"
import { rehearsalOf } from "./rehearsal.js"
import { environmentOf } from "./request.js"
import { timeOf } from "./simulated-time.js"
import type { Waves } from "./waves.js"

/**
 * Runs a deployment against the AWS simulator. Images and approvals that are not given are made up.
 *
 * @param scenario of the simulator; for waves also `<environment>=<scenario>`: of one of them alone.
 * @param app run the project's app and migration instead of simulated answers.
 */
export async function rehearsed(
  caller: Request,
  options: DeployOptions,
  scenario: string,
  app: boolean,
): Promise<string> {
  const checkout = await checkoutOf(caller, options)
  const waves = wavesOf(checkout.opened.config, { ...options, app })
  const somebody = startedBySomebody(checkout)
  if (waves !== null) return rehearsedOver(caller, somebody, { waves, options, scenario })
  await assertKnown(scenario)
  return run(caller, somebody, await staged(checkout, options, scenario, app))
}

/** Returns the settings to rehearse one environment in a separate account. */
async function staged(
  checkout: Checkout,
  options: DeployOptions,
  scenario: string,
  app: boolean,
): Promise<RunSettings & { readonly credentials: { readonly aws: Service } }> {
  const environment = environmentOf(checkout.opened.config, options.env)
  const { commit } = checkout.commits
  const rehearsal = rehearsalOf(environment, commit, await policyOf(checkout, options.env))
  const request = await requestOf({
    ...options,
    images: options.images || (rehearsal?.images.join(",") ?? ""),
  })
  const id = `${commit}-${options.env}-${Date.now()}`
  const { opened } = checkout
  const own = app
    ? await ownApp((await detectIn(opened)).whole, opened.source, rehearsal?.migrates ?? null, id)
    : null
  const { required } = recordOf(environment.approvals)
  const made = request.approvals === "" ? madeUpApprovals({ ...request, commit, scenario, required }) : null
  return {
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
  }
}

interface RehearsedWaves {
  readonly waves: Waves
  readonly options: DeployOptions
  readonly scenario: string
}

/** Rehearses waves. Each environment has a separate account, which lasts until all environments have ended. */
async function rehearsedOver(
  caller: Request,
  checkout: Checkout,
  { waves, options, scenario: said }: RehearsedWaves,
): Promise<string> {
  const names = waves.order.flat()
  const [, only, one] = /^([a-z][a-z0-9-]*)=(.*)$/s.exec(said) ?? []
  const scenario = one ?? said
  if (only !== undefined) assertAmong(only, names)
  await assertKnown(scenario)
  const staging = names.map(async (env) => {
    const its = only === undefined || only === env ? scenario : "success"
    return [env, await staged(checkout, { ...options, env }, its, false)] as const
  })
  const all = await Promise.all(staging)
  const within = Object.fromEntries(all)
  const images = all.flatMap(([, { request }]) => request.images)
  const settings: RunSettings = {
    trusted: null,
    plan: null,
    credentials: {},
    rehearsal: {},
    request: { ...(await requestOf(options)), images },
  }
  const accounts = all.map(([, { credentials }]) => credentials.aws)
  await Promise.all(accounts.map((account) => account.start()))
  try {
    const time = await timeOf(accounts)
    return await runWaves(caller, checkout, { waves, settings, within: (env) => within[env] ?? {}, time })
  } finally {
    await Promise.allSettled(accounts.map((account) => account.stop()))
  }
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

/** @throws {Fault} `configuration` for an environment that the waves do not have. */
function assertAmong(name: string, names: readonly string[]): void {
  if (names.includes(name)) return
  throw new Fault("configuration", {
    what: `a scenario for ${JSON.stringify(name)}, which these waves do not have${didYouMean(name, names)}`,
    where: null,
    fix: `name one of ${names.join(", ")}, or leave it out: the scenario is then that of all`,
  })
}

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
