/** Seconds that a store has for an answer, with its content. */
const SECONDS = 30

/** The content of a file in memory. */
export type Bytes = Uint8Array<ArrayBuffer>

/** A request to a store. */
export interface Asked {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Bytes | undefined
}

/**
 * Sends a request.
 *
 * @throws Error that names the host, if there is no answer.
 */
export async function send({ method, url, headers, body }: Asked): Promise<Response> {
  try {
    const signal = AbortSignal.timeout(SECONDS * 1000)
    return await fetch(url, { method, headers, signal, body: body ?? null })
  } catch (error) {
    throw new Error(`${url.host}: ${reasonOf(error)}`)
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (error.name === "TimeoutError") return `no answer within ${SECONDS} s`
  if (!(cause instanceof Error)) return error.message
  return "code" in cause ? String(cause.code) : cause.message
}

/** How much of a refusal is shown. */
const SHOWN = 200

function refused(status: number, text: string, what: string): Error {
  const said = text.replaceAll(/\s+/g, " ").trim().slice(0, SHOWN)
  return new Error([`${what}: HTTP ${status}`, said].filter(Boolean).join(" "))
}

/** @throws Error with the status and the beginning of the answer, unless it is a success. */
export async function accepted(answer: Response, what: string): Promise<Response> {
  if (answer.ok) return answer
  throw refused(answer.status, await answer.text(), what)
}

/**
 * Returns an accepted answer; null for one that says that there is no such thing.
 *
 * @param code what such an answer contains: a bucket that is missing has the same status.
 */
export async function found(answer: Response, what: string, code = ""): Promise<Response | null> {
  if (answer.status !== 404) return accepted(answer, what)
  const text = await answer.text()
  if (text.includes(code)) return null
  throw refused(answer.status, text, what)
}

/** Reads the body of an answer. */
export const bytesOf = async (answer: Response): Promise<Bytes> => new Uint8Array(await answer.arrayBuffer())
