import * as z from "zod/mini"
import { about, keyed, patterns, section, text, whole } from "../config/parts.js"
import type { Room, SectionsOf } from "../config/room.js"

/** The gate of SonarQube's kind: what is used where slipway.yaml does not say. */
const GATE = { bugs: 0, smells: 5, duplication: 3 } as const

const percent = () => {
  const expected = "a percentage from 0 to 100"
  return z.number(expected).check(z.gte(0, expected), z.lte(100, expected))
}

const sonar = () =>
  keyed({
    url: about(
      "The address of the SonarQube server.",
      text('an address such as "https://sonar.example.org"', /^https?:\/\/[\w.-]+(:\d+)?(\/[\w./-]*)?$/),
    ),
    project: about(
      "The project's key there.",
      text("letters, digits, dashes, underscores, dots and colons", /^(?!\d+$)[\w.:-]{1,400}$/),
    ),
  })

/** `quality` in slipway.yaml. */
const quality = () =>
  section({
    bugs: about("How many bugs may be there.", z._default(whole("a whole number", 0, 100_000), GATE.bugs)),
    smells: about(
      "How many code smells may be there.",
      z._default(whole("a whole number", 0, 100_000), GATE.smells),
    ),
    duplication: about(
      "The percentage of lines that may be duplicated.",
      z._default(percent(), GATE.duplication),
    ),
    exclude: about("Files that duplication and maintainability leave out, besides tests.", patterns()),
    sonar: about("Hands the project over to a SonarQube server.", z._default(z.nullable(sonar()), null)),
  })

/** The code as it is written. */
export const ROOM = {
  sections: () => ({
    quality: about("The gates of the code's quality.", quality()),
  }),
  stages: {
    lint: "The linter.",
    format: "The formatter, checking only.",
    types: "The type checker.",
    deadcode: "Unused files, exports and dependencies.",
    duplication: "Lines that stand in several places.",
    maintainability: "Bugs and code smells, against a gate.",
    privacy: "Personal data in logs, storage, addresses, fixtures and messages.",
    sonar: "The hand-over to a SonarQube server.",
  },
  gates: {
    format: { gate: "own", note: "added where a configuration of Prettier alone tells of it" },
    types: { gate: "own", note: "added where no script checks them" },
    deadcode: { gate: "added", note: "own with a script, or knip as a dependency or configured" },
    duplication: { gate: "added", ownBy: ["quality.duplication"] },
    maintainability: { gate: "added", ownBy: ["quality.bugs", "quality.smells"] },
    privacy: { gate: "added" },
  },
  causes: {},
} as const satisfies Room

declare module "../config/config.js" {
  interface Config extends SectionsOf<typeof ROOM> {}
}
