/** Decides who may apply a plan. Production needs verified approvals or break-glass: an unverified name is not enough. */
import type { Config } from "../config/config.js"
import { Fault } from "../run/fault.js"

/** What allows an apply. */
export type Permit =
  /** A name that nobody verifies. */
  | { readonly by: "name"; readonly approver: string; readonly breakGlass: string }
  /** The gate of a deployment, which has verified the approvals of an environment. */
  | { readonly by: "deployment"; readonly approver: string; readonly environment: string }

type Settings = Pick<Config, "environments" | "terraform">

/**
 * Returns whether Terraform changes production in an environment: the environment of that name is production, or else one
 * in the same account. If the account is unknown, one production environment is enough.
 */
function isProduction({ environments, terraform }: Settings, name: string): boolean {
  const own = Object.hasOwn(environments, name) ? environments[name] : undefined
  if (own !== undefined) return own.production === true
  const account = Object.hasOwn(terraform.environments, name) ? terraform.environments[name]?.account : null
  return Object.values(environments).some(
    (one) => one.production === true && (account == null || one.account === account),
  )
}

/** Checks that a plan may be applied in an environment. @throws {Fault} if it may not. */
export function permitted(config: Settings, name: string, permit: Permit): void {
  const verified = permit.by === "deployment" && isProduction(config, permit.environment)
  if (permit.approver.trim() === "" && !verified)
    throw new Fault("configuration", {
      what: "no approver given",
      where: null,
      fix: "name who approved the plan: `--approver alice`",
    })
  if (!isProduction(config, name)) return
  const place = name === "" ? "the root module" : `\`${name}\``
  if (permit.by === "deployment") {
    if (verified) return
    throw new Fault("policy", {
      what: `the plan is for ${place}, which is production, but the deployment and its approvals are for \`${permit.environment}\``,
      where: null,
      fix: "deploy to the environment that the plan is for",
    })
  }
  if (permit.breakGlass.trim() !== "") return
  throw new Fault("policy", {
    what: `${place} is production: \`--approver ${permit.approver}\` is a name that nobody verifies`,
    where: null,
    fix: 'apply it with a deployment, which verifies approvals: `deploy --infrastructure plan/ --approvals approvals.json`; before the first deployment, or in an emergency: `--break-glass "why"`, which apply.json records',
  })
}
