import { programImage } from "../../ci/src/terraform/version.js"
import { PROGRAMS, type Program } from "./infrastructure.js"
import { fileTests, planTests } from "./infrastructure-tests.js"
import { built } from "./support.js"

/** The one that needs no build, where the host has it: test/rare has both. */
const PROGRAM: Program = PROGRAMS.includes("terraform") ? "terraform" : "tofu"

if (PROGRAM === "tofu") built(programImage(PROGRAM))

fileTests(PROGRAM)
planTests(PROGRAM)
