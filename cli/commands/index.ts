import { ci } from "./ci.js"
import type { Command } from "./command.js"
import { doctor } from "./doctor.js"
import { engine } from "./engine.js"
import { env } from "./env.js"
import { functions } from "./functions.js"
import { helpOn } from "./help.js"
import { test } from "./test.js"

const others: readonly Command[] = [ci, ...functions, env, engine, doctor, test]

/** Every command, in the order in which help lists them. */
export const commands: readonly Command[] = [...others, helpOn(others)]
