/** Calls a vendor's API with a token. */
import { PACES, type Pace } from "./paces.ts"
import { messageOf } from "./text.ts"

/** The methods of HTTP that vendors' APIs need. */
export type Method = "GET" | "POST" | "PUT"

const RETRY_MS = 1_000

interface Call {
  readonly url: string
  readonly token: string
  readonly method?: Method
  readonly body?: object | undefined
  readonly pace?: Pace
}

async function once({ url, token, method = "GET", body }: Call, timeout: number): Promise<Response> {
  const response = await fetch(url, {
    method,
    headers: {
      accept: "application/json",
      authorization: `Bearer ${token}`,
      "user-agent": "slipway",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    body: body === undefined ? null : JSON.stringify(body),
    // A redirect would take the token along.
    redirect: "error",
    signal: AbortSignal.timeout(timeout),
  })
  if (response.status >= 500) throw new Error(`answers ${response.status}`)
  return response
}

/** @throws Error without a response, or if the vendor itself fails. */
export async function callVendor(call: Call): Promise<Response> {
  const { attempts, timeout } = PACES[call.pace ?? "patient"]
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await once(call, timeout)
    } catch (error) {
      if (attempt === attempts) throw new Error(messageOf(error))
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
}
