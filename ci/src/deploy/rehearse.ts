import { dag, type Secret } from "@dagger.io/dagger"
import { type Call, INSTEAD_OF_AWS } from "../call.js"
import { didYouMean } from "../config/suggest.js"
import { explained } from "../finish.js"
import { detectIn } from "../project/detect.js"
import { Fault } from "../run/fault.js"
import { askedOf, groundOf, meansOf, run, type Said } from "./functions.js"
import { type Credentials, modules } from "./modules.js"
import { ownApp } from "./own-app.js"
import { rehearsalOf } from "./rehearsal.js"
import { environmentOf } from "./request.js"

/**
 * The same deployment against the simulator of AWS, with what a rehearsal has in place of images and people.
 *
 * @param app run the project's own app and its migration, in place of made-up answers.
 */
export const rehearsed = (call: Call, said: Said, scenario: string, app: boolean): Promise<string> =>
  explained(async () => {
    await known(scenario)
    const on = await groundOf(call, said)
    const environment = environmentOf(on.opened.config, said.env)
    const { commit } = on.commits
    const rehearsal = rehearsalOf(environment, commit)
    const asked = await askedOf({ ...said, images: said.images || (rehearsal?.images.join(",") ?? "") })
    const id = `${commit}-${Date.now()}`
    const own = app
      ? await ownApp(await detectIn(on.opened), on.opened.source, rehearsal?.migrates ?? null, id)
      : null
    const { machine, ...ways } = own ?? {}
    const at = new Date(0).toISOString()
    const approvals = (rehearsal?.people ?? []).map((by) => ({ by, at, commit, source: "file" }))
    const aws = modules()
      .awsSimulator()
      .serve(JSON.stringify({ ...rehearsal?.world, ...ways }), {
        scenario,
        run: id,
        ...(machine ? { machine } : {}),
      })
    return run(call, on, {
      ...meansOf(said),
      asked: { ...asked, approvals: asked.approvals || JSON.stringify(approvals) },
      credentials: {
        ...identity(environment),
        notify: secret("notify", JSON.stringify(rehearsal?.notify ?? {})),
        aws,
      },
      rehearsal: { clock: INSTEAD_OF_AWS, ...(rehearsal ? { endpoints: rehearsal.endpoints } : {}) },
    })
  })

/** The simulator takes any keys; the environment's own role it wants to be asked for. */
const identity = ({ role }: Readonly<Record<string, unknown>>): Credentials =>
  role
    ? { webIdentityToken: secret("token", TOKEN) }
    : { accessKeyId: secret("key", "rehearsal-key"), secretAccessKey: secret("secret", "rehearsal-secret") }

/** A scenario as JSON is the simulator's to read. */
async function known(scenario: string): Promise<void> {
  if (scenario.trimStart().startsWith("{")) return
  const names = (await modules().awsSimulator().scenarios()).split("\n")
  if (names.includes(scenario)) return
  throw new Fault("configuration", {
    what: `there is no scenario ${JSON.stringify(scenario)}${didYouMean(scenario, names)}`,
    where: null,
    fix: `take one of ${names.join(", ")}, or hand over one as JSON`,
  })
}

/** In the shape of a CI vendor's token, signed by nobody. */
const TOKEN = [{ alg: "none" }, { sub: "rehearsal" }, {}]
  .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
  .join(".")

const secret = (name: string, text: string): Secret => dag.setSecret(`slipway-rehearsal-${name}`, text)
