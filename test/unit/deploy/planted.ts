/** Faults of one line, planted in the functions that decide: the histories must find each. */
export interface Planted {
  /** What the fault does. */
  readonly does: string
  /** The file, below modules/deploy/program/core. */
  readonly file: string
  /** The line, or a part of it that occurs once, and what stands there instead. */
  readonly line: string
  readonly fault: string
  /** What the histories say of it. */
  readonly found: RegExp
}

export const PLANTED: readonly Planted[] = [
  {
    does: "a rollback goes forward: a restored release counts as a new one",
    file: "release.ts",
    line: `if (record.action !== "rollback") return record.number`,
    fault: `if (record.number >= 0) return record.number`,
    found: /went forward/,
  },
  {
    does: "a rollback goes forward: any proven release will do",
    file: "release.ts",
    line: `newestProven(ledger, (place) => limit === null || place <= limit)`,
    fault: `newestProven(ledger, (place) => place !== livePlace(ledger))`,
    found: /a rollback went forward/,
  },
  {
    does: "a rollback stays where it is",
    file: "release.ts",
    line: `inflight.action !== "migrate" ? place : lowestAlike(ledger, place) - 1`,
    fault: `inflight.action !== "migrate" ? place : place`,
    found: /to itself/,
  },
  {
    does: "a rollback that waited leaves what became live meanwhile",
    file: "leaving.ts",
    line: `if (now?.number === asked?.number) return null`,
    fault: `if (now !== undefined) return null`,
    found: /which became live while it waited/,
  },
  {
    does: "a rerun of a rollback goes further back",
    file: "repeated.ts",
    line: `record.action !== request.action || !ENDED.has(record.outcome)`,
    fault: `record.action === "rollback" || record.action !== request.action || !ENDED.has(record.outcome)`,
    found: /a rerun of a rollback/,
  },
  {
    does: "a rerun of a rollback goes further back, where a person changed a service since",
    file: "opening.ts",
    line: `request.to ?? again`,
    fault: `request.to`,
    found: /a rerun of a rollback/,
  },
  {
    does: "a failing release goes back to one that was rolled back from",
    file: "release.ts",
    line: `(place === null || one <= place) && one < failing.number`,
    fault: `one < failing.number`,
    found: /the way back went forward/,
  },
  {
    does: "a failing release goes back to one that was never proven",
    file: "release.ts",
    line: `one.proven && accepts(placeOf(ledger, one))`,
    fault: `accepts(placeOf(ledger, one))`,
    found: /never proven|went forward/,
  },
  {
    does: "an abandoned release counts as proven",
    file: "record.ts",
    line: `fromJournal(journal, "abandoned", false, now)`,
    fault: `fromJournal(journal, "abandoned", true, now)`,
    found: /never proven|went forward/,
  },
  {
    does: "a deployment of an older commit goes over a newer one",
    file: "order.ts",
    line: `if (action === "rollback") return null`,
    fault: `if (action !== "migrate") return null`,
    found: /older commit over a newer/,
  },
  {
    does: "a rollback goes below the floor",
    file: "release.ts",
    line: `if (placeOf(ledger, record) >= floor) return`,
    fault: `if (placeOf(ledger, record) >= floor - 1) return`,
    found: /us took .* below/,
  },
  {
    does: "a contract migration in flight sets no floor",
    file: "ledger.ts",
    line: `open ? inflight.number : 0,`,
    fault: `0,`,
    found: /took .* below/,
  },
  {
    does: "the platform may always return",
    file: "release.ts",
    line: `if (floor === 0) return true`,
    fault: `if (floor >= 0) return true`,
    found: /platform took .* below/,
  },
  {
    does: "another request adopts what is in flight",
    file: "opening.ts",
    line: `isSame(journal, request) && differences(journal, request).length === 0`,
    fault: `isSame(journal, request)`,
    found: /adopted by another/,
  },
  {
    does: "a release in flight is closed and its plan forgotten",
    file: "opening.ts",
    line: `applying: same && inflight.applying`,
    fault: `applying: false`,
    found: /plan twice/,
  },
  {
    does: "what may still run is not waited for",
    file: "decide.ts",
    line: `"snapshot", "settle", "migration"] as const),`,
    fault: `"snapshot", "migration"] as const),`,
    found: /two migrations run at once|platform took/,
  },
  {
    does: "the way back begins with no look at what is live",
    file: "decide.ts",
    line: `if (gone.length > 0)`,
    fault: `if (gone.length > 9)`,
    found: /but the services run/,
  },
  {
    does: "a rollback is not proven again",
    file: "decide.ts",
    line: `["stop", "back", "restored"]`,
    fault: `["stop"]`,
    found: /but the services run/,
  },
  {
    does: "a failing way back counts as a success",
    file: "decide.ts",
    line: `if (last !== null && "bad" in last) return turning`,
    fault: `if (last !== null && "bad" in last && journal.back === null) return turning`,
    found: /but .* (did not start again|unhealthy)/,
  },
  {
    does: "the gate is not asked again under the lease",
    file: "decide.ts",
    line: `passed.has("gate") ? opening`,
    fault: `true ? opening`,
    found: /no gate/,
  },
  {
    does: "a release that failed becomes the live one",
    file: "close.ts",
    line: `return underWay(meant).length > 0 && all ?`,
    fault: `return underWay(meant).length > 0 ?`,
    found: /went forward|to itself|is live, but|does not converge|older commit/,
  },
  {
    does: "after a way back, the ledger keeps the failed release as the live one",
    file: "close.ts",
    line: `if (ended.outcome === "rolled-back" && back !== null)`,
    fault: `if (ended.outcome === "rolled-back" && back === null)`,
    found: /is live, but/,
  },
  {
    does: "a run that waits closes its release",
    file: "close.ts",
    line: `if (journal === null || ended.resumable) return null`,
    fault: `if (journal === null) return null`,
    found: /closed what goes on/,
  },
  {
    does: "a question gets a second answer",
    file: "answers.ts",
    line: `if (known !== undefined) return known`,
    fault: `if (known !== undefined && answer === null) return known`,
    found: /two answers/,
  },
  {
    does: "one answer counts for the next question as well",
    file: "answers.ts",
    line: `answers.some((one) => one.run === id)`,
    fault: `answers.some((one) => one.run !== one.run)`,
    found: /one answer for two/,
  },
  {
    does: "the lease of a live run is taken",
    file: "lease-rule.ts",
    line: `still >= LEASE_MS`,
    fault: `still >= 0`,
    found: /lease of a run that is alive/,
  },
  {
    does: "a run that was cut short says that nothing was changed",
    file: "ends.ts",
    line: `if (rolled.length > 0) return`,
    fault: `if (rolled.length > 1) return`,
    found: /no service was changed/,
  },
]
