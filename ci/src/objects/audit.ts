import { type File, func, object } from "@dagger.io/dagger"
import { exported, verify } from "../audit/command.js"
import { explained } from "../finish.js"

/** The audit log of a run: what was done, by whom and when, each entry chained to the one before. */
@object()
export class Audit {
  /** The audit.jsonl of a run's evidence. */
  log: File

  constructor(log: File) {
    this.log = log
  }

  /**
   * Checks that the log is as it was written: no byte changed, no entry removed or moved. Fails with exit code 10
   * and the lines that are not. That its end was cut off only shows beside what was noted elsewhere.
   *
   * @param checkpoint The head of the log (64 hexadecimal digits) as a summary showed it.
   * @param record The result.json of the run: it names the head, and the log its digest.
   */
  @func()
  async verify(checkpoint: string = "", record?: File): Promise<string> {
    return explained(async () =>
      verify(await this.log.contents(), checkpoint, record ? await record.contents() : null),
    )
  }

  /**
   * The entries of a range of time, once the log is verified.
   *
   * @param format csv or json.
   * @param since The first time (ISO 8601) that is in it; the log's first entry where it is left out.
   * @param until The first time that is not.
   */
  @func()
  async export(format: string = "csv", since: string = "", until: string = ""): Promise<string> {
    return explained(async () => exported(await this.log.contents(), format, since, until))
  }
}
