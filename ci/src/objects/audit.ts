import { type File, func, object } from "@dagger.io/dagger"
import { exported, verify } from "../audit/command.js"
import { explained } from "../finish.js"

/** The audit log of a run: who did what, and when. Each entry is chained to the one before. */
@object()
export class Audit {
  /** The audit.jsonl of a run's evidence. */
  log: File

  constructor(log: File) {
    this.log = log
  }

  /**
   * Verifies that no byte of the log was changed, and no entry removed or moved. Fails with exit code 10 and names
   * the lines. To detect an end that was cut off, pass a checkpoint or the record.
   *
   * @param checkpoint The head of the log (64 hexadecimal digits), as a summary showed it.
   * @param record The result.json of the run: it holds the head of the log, and the log holds its digest.
   */
  @func()
  async verify(checkpoint: string = "", record?: File): Promise<string> {
    return explained(async () =>
      verify(await this.log.contents(), checkpoint, record ? await record.contents() : null),
    )
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
    return explained(async () => exported(await this.log.contents(), format, since, until))
  }
}
