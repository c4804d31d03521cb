import * as z from "zod/mini"
import {
  about,
  env,
  folder,
  INSIDE,
  image,
  keyed,
  list,
  map,
  name,
  orNull,
  patterns,
  text,
  timeout,
} from "../config/parts.js"
import type { Room, SectionsOf } from "../config/room.js"
import { service } from "../project/config.js"

const custom = () =>
  keyed({
    image: about("The image that the commands run in.", image()),
    commands: about(
      "Shell commands, run in this order by sh -c.",
      z.array(text("a shell command"), "a list of commands").check(z.minLength(1, "at least one command")),
    ),
    workdir: about("The folder the commands run in, relative to the project.", z._default(folder(), "")),
    inputs: about("The files the stage reads. It runs again only when one changes.", patterns(["**"])),
    needs: about("Stages that must pass first.", list(text("the name of a stage"), "a list of stage names")),
    services: about(
      "Services to run beside it, by the host name they answer to.",
      map(name(), service(), "a map of host names to services"),
    ),
    caches: about(
      "Folders kept from run to run, by name.",
      map(name(), text("the path of a folder"), "a map of cache names to paths"),
    ),
    env: env(),
    timeout: timeout(),
    junit: about(
      "Where the commands leave JUnit reports, as a glob pattern.",
      orNull(text("a glob pattern relative to the project", INSIDE)),
    ),
    coverage: about(
      "Where the commands leave line coverage, as a glob pattern: lcov, Cobertura, or Istanbul's JSON.",
      orNull(text("a glob pattern relative to the project", INSIDE)),
    ),
  })

/** Stages that slipway.yaml describes. */
export const ROOM = {
  sections: () => ({
    custom: about("Stages of your own, by name.", map(name(), custom(), "a map of stage names to stages")),
  }),
  stages: {},
  causes: {},
} as const satisfies Room

declare module "../config/config.js" {
  interface Config extends SectionsOf<typeof ROOM> {}
}
