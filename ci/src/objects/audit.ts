import { type Directory, type File, func, object, type Secret, type Service } from "@dagger.io/dagger"
import { exported, logsIn, textOf, verify, verifyAll } from "../audit/command.js"
import type { Call } from "../call.js"
import { deployed } from "../deploy/functions.js"
import { explained, respond } from "../finish.js"

/** Audit logs: who did what, and when. Each entry is chained to the one before. */
@object()
export class Audit implements Call {
  source!: Directory
  history!: Directory
  base?: File
  secrets!: Secret[]
  aws?: Service
  results?: Directory
  texts!: string
  log?: File
  folder?: Directory
  env!: string

  /**
   * Verifies that no byte of the log was changed, and no entry removed or moved. Fails with exit code 10 and names
   * the lines. To detect an end that was cut off, pass a checkpoint or the record. The logs of deployments are read from the
   * bucket (`--env`), where the ledger knows their ends; exit code 45 if they do not verify.
   *
   * @param checkpoint The head of the log (64 hexadecimal digits), as a summary showed it.
   * @param record The result.json of the run: it holds the head of the log, and the log holds its digest.
   */
  @func()
  async verify(checkpoint: string = "", record?: File): Promise<string> {
    const { log, folder, env } = this
    if (env !== "") return respond(this, (request) => deployed(request, { action: "audit", env }))
    return explained(async () => {
      if (folder) return verifyAll(await logsIn(folder))
      return verify(await textOf(log), checkpoint, record ? await record.contents() : null)
    })
  }

  /**
   * Verifies the log, and exports its entries in a range of time.
   *
   * @param format csv or json.
   * @param since Exports entries from this time (ISO 8601) on; from the first entry by default.
   * @param until Exports entries before this time; up to the last entry by default.
   */
  @func()
  async export(format: string = "csv", since: string = "", until: string = ""): Promise<string> {
    return explained(async () => exported(await textOf(this.log), format, since, until))
  }
}
