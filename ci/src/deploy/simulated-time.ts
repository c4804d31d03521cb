/** The virtual time of simulated accounts, as one run over all of them sees it. */
import type { Service } from "@dagger.io/dagger"
import * as z from "zod/mini"
import type { Around } from "./around-waves.js"

const PARTICIPANT = "waves"

async function ask(url: string, method: string, path: string, body?: object): Promise<number> {
  const answer = await fetch(`${url}/_simulator/${path}`, {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {}),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`the simulator's clock answers ${answer.status}: ${text}`)
  return z.object({ now: z.number() }).parse(JSON.parse(text), { jitless: true }).now
}

/**
 * Returns the time of accounts that run: it is the latest of theirs, and passes in all of them.
 *
 * @throws Error if a simulator does not answer.
 */
export async function timeOf(accounts: readonly Service[]): Promise<Pick<Around, "now" | "sleep">> {
  const urls = await Promise.all(accounts.map((account) => account.endpoint({ scheme: "http" })))
  const everywhere = <T>(work: (url: string) => Promise<T>) => Promise.all(urls.map(work))
  return {
    now: async () => Math.max(...(await everywhere((url) => ask(url, "GET", "clock")))),
    sleep: async (milliseconds) => {
      await everywhere(async (url) => {
        await ask(url, "POST", "sleep", { participant: PARTICIPANT, milliseconds })
        // Whoever stays without sleeping stops time.
        await ask(url, "DELETE", `participants/${PARTICIPANT}`)
      })
    },
  }
}
