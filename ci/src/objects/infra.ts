import { type Directory, dag, type File, func, object, type Secret, type Service } from "@dagger.io/dagger"
import type { Call } from "../call.js"
import { checkStages, respond } from "../finish.js"
import { apply } from "../terraform/apply-command.js"
import { alert, drift } from "../terraform/drift-command.js"
import { plan } from "../terraform/plan-command.js"
import { policy } from "../terraform/policy-command.js"
import { opened } from "../terraform/unseal-command.js"
import { stop } from "../terraform/work.js"

/**
 * The infrastructure, by Terraform or OpenTofu: checked, planned, judged, applied exactly as planned, watched for drift.
 *
 * Exit codes: 10 Terraform refuses, 12 it was told to stop, 17 something is out of reach, 19 credentials or the plan key
 * are missing or refused, 22 the policy blocks, 60 the plan is stale, 61 another holds the lock of the state, 62 drift.
 */
@object()
export class Infra implements Call {
  source!: Directory
  history!: Directory
  base?: File
  secrets!: Secret[]
  aws?: Service
  results?: Directory
  texts!: string

  /** Checks the formatting, validates each root module, looks for missing tags and plain secrets. No credentials. */
  @func()
  async check(): Promise<string> {
    return checkStages(this, ["terraform-fmt", "terraform-validate", "terraform-policy"])
  }

  /**
   * Plans the changes of an environment. Gives a folder: plan.sealed (encrypted with --plan-key), binding.json (what the
   * plan was made from), summary.md and summary.json (redacted; exitCode 0 for no changes, 2 for changes), plan.json
   * (redacted) and policy.sarif.
   *
   * @param env The environment, of terraform.environments in slipway.yaml.
   * @param variables Values of variables, each as name=value, before slipway.yaml's. Not for secrets.
   */
  @func({ cache: "never" })
  async plan(env: string = "", variables: string[] = []): Promise<Directory> {
    return respond(this, (request) => plan(request, env, variables))
  }

  /**
   * Holds a plan against the policy: no resource with data is destroyed or replaced without a permission, and what is
   * made has the required tags. Fails with exit code 22 for what blocks.
   *
   * @param plan The folder that `plan` gave.
   */
  @func({ cache: "never" })
  async policy(plan: Directory): Promise<string> {
    return respond(this, (request) => policy(request, plan))
  }

  /**
   * Applies exactly a plan that `plan` saved, in its environment: where the commit, the configuration, the lock file and
   * the state are as they were (else 60), and the policy has nothing against it. Gives apply.json and outputs.json.
   *
   * @param plan The folder that `plan` gave.
   * @param approver Who looked at the plan and allows it: it stands in apply.json. Production believes no name.
   * @param breakGlass Why production is applied without verified approvals: it stands in apply.json, to be reviewed.
   */
  @func({ cache: "never" })
  async apply(plan: Directory, approver: string, breakGlass: string = ""): Promise<Directory> {
    return respond(this, (request) => apply(request, plan, { by: "name", approver, breakGlass }))
  }

  /**
   * Looks for what others changed since the last apply. Gives summary.md, summary.json and sightings.json, which the
   * next look wants. `alert` on it fails where it is an alert.
   *
   * @param env The environment, of terraform.environments in slipway.yaml.
   * @param variables Values of variables, each as name=value, before slipway.yaml's. Not for secrets.
   * @param sightings The sightings.json of the last look.
   */
  @func({ cache: "never" })
  async drift(env: string = "", variables: string[] = [], sightings?: File): Promise<Directory> {
    return respond(this, (request) => drift(request, env, variables, sightings))
  }

  /**
   * Says what a look at drift came to, and fails with exit code 62 where it is an alert.
   *
   * @param drift The folder that `drift` gave.
   */
  @func({ cache: "never" })
  async alert(drift: Directory): Promise<string> {
    return respond(this, () => alert(drift))
  }

  /**
   * Tells a plan, an apply or a drift of an environment that runs on this engine to stop: Terraform ends what it began,
   * writes its state and gives the lock back. A call whose client is gone is ended by force instead.
   *
   * @param env The environment, of terraform.environments in slipway.yaml.
   */
  @func({ cache: "never" })
  async stop(env: string = ""): Promise<string> {
    return respond(this, (request) => stop(request, env))
  }

  /**
   * Opens a file that was sealed with --plan-key: a state that `apply` could not write. It may hold secrets.
   *
   * @param sealed The file.
   */
  @func({ cache: "never" })
  async unseal(sealed: File): Promise<File> {
    return respond(this, async ({ secrets }) => {
      const text = await opened(secrets, await sealed.contents())
      return dag.directory().withNewFile("unsealed", text).file("unsealed")
    })
  }
}
