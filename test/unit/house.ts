/** The house's rules: which room of `ci/src` may import which, and how long functions and files are. `house.test.ts` reads them. */

/** What a room may import beside its own files: a folder ends with `/`, anything else is one file. */
export interface Rule {
  readonly may: readonly string[]
  /** Of these, types alone. */
  readonly types?: readonly string[]
  readonly because: string
}

/** Rooms that bring stages. None imports another. */
export const ROOMS = ["quality", "testing", "app", "security", "image", "terraform", "custom"] as const

const FOR_ROOMS: Rule = {
  may: ["config/", "formats/", "project/", "run/", "tools/"],
  because: "a room is added or removed without a change in another",
}

/** By room. */
export const RULES: Readonly<Record<string, Rule>> = {
  formats: {
    may: [],
    types: ["run/result.ts"],
    because:
      "readers and writers have no opinions: of a run they know the shape of findings and tests, no more",
  },
  config: {
    may: ["formats/", "run/fault.ts"],
    because: "slipway.yaml is read without knowing what its sections are for",
  },
  project: {
    may: ["config/", "formats/", "run/"],
    because: "what is there is found without knowing the stages that use it",
  },
  run: {
    may: ["config/", "formats/", "project/"],
    because: "the scheduler runs stages without knowing one by name",
  },
  tools: { may: ["formats/", "run/"], because: "a tool that several rooms use knows none of them" },
  vendors: {
    may: ["formats/", "run/"],
    because: "only this room knows CI vendors, and it knows only the run context and remarks",
  },
  audit: { may: ["formats/", "run/"], because: "a log is verified without the report" },
  results: {
    may: ["config/", "formats/", "run/"],
    because: "a store knows records of stages, and no stage",
  },
  shards: {
    may: ["audit/", "config/", "formats/", "project/", "run/"],
    because: "a check is shared out and joined by what stages are to the scheduler, and by their records",
  },
  report: {
    may: ["config/", "formats/", "run/", "vendors/"],
    because: "the record of a run is all that its readers are shown",
  },
  ...Object.fromEntries(ROOMS.map((room) => [room, FOR_ROOMS])),
  needs: {
    may: ["config/", "formats/", "project/", "run/", "tools/", "app/", "image/", "security/", "terraform/"],
    because: "it lists what the rooms' stages get from outside",
  },
  init: {
    may: ["config/", "formats/", "project/", "run/"],
    because: "it writes keys of slipway.yaml as data, and knows the plan as anyone does",
  },
  deploy: {
    may: [
      ...["config/", "finish.ts", "formats/", "project/", "run/", "settings.ts"],
      ...["app/", "image/", "security/", "terraform/"],
    ],
    because: "a deployment is put together from what the rooms made",
  },
  objects: {
    may: [
      "call.ts",
      "finish.ts",
      "deploy/",
      ...["app", "audit", "image", "terraform"].map((room) => `${room}/`),
    ],
    because: "what users call hands its arguments to the rooms",
  },
}

/** Imports that a rule forbids and a reason allows. */
export interface Exception {
  readonly from: string
  readonly to: string
  readonly because: string
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    from: "report/evidence.ts",
    to: "audit/audit.ts",
    because: "the audit log is part of the evidence, and result.json holds its head",
  },
  {
    from: "image/evidence.ts",
    to: "audit/verify.ts",
    because: "evidence is signed only as its own audit log has it",
  },
  ...["app/running.ts", "app/stage.ts"].map((from) => ({
    from,
    to: "image/image.ts",
    because: "stages of the running app wait for the stage that builds its image, by name",
  })),
]

/** The lines of the longest function and of the longest file. */
export const LONGEST = { function: 40, file: 250 } as const

/** What a rule leaves out: a function by its file and name, a file or folder by its path alone. */
interface Allowed {
  readonly what: string
  readonly because: string
}

/** What may be longer than {@link LONGEST}. */
export const LONGER: readonly Allowed[] = [
  { what: "ci/src/index.ts", because: "the engine reads all that users call from one class" },
  { what: "ci/src/index.ts constructor", because: "each parameter is an option of every function" },
  { what: "engine/recipes/tools.ts", because: "it is a list of recipes" },
]
