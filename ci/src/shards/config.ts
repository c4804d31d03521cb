import type { CausesOf, Room } from "../config/room.js"

/** A check that several machines share. */
export const ROOM = {
  sections: () => ({}),
  stages: {},
  causes: {
    "shard-missing": { code: 71, meaning: "`merge`: a shard left no evidence" },
    "shard-double": { code: 72, meaning: "`merge`: a shard is there more than once" },
    "shard-foreign": {
      code: 73,
      meaning: "a shard is of another commit, plan, number of shards or configuration",
    },
    "shard-damaged": { code: 74, meaning: "`merge`: the evidence of a shard is cut off or was changed" },
  },
} as const satisfies Room

declare module "../run/causes.js" {
  interface Causes extends CausesOf<typeof ROOM> {}
}
