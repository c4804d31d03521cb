import * as z from "zod/mini"
import {
  about,
  env,
  image,
  keyed,
  map,
  name,
  orNull,
  section,
  text,
  VARIABLE,
  whole,
} from "../config/parts.js"

/** What slipway.yaml says of tests: the services they need, how they run, what they must cover. */

export const service = () =>
  keyed({
    image: about("The service's image.", image()),
    port: about("The port it listens on.", whole("a port from 1 to 65535", 1, 65535)),
    env: env(),
  })

const shared = () =>
  keyed({
    image: about("The service's image.", image()),
    port: about("The port it listens on.", whole("a port from 1 to 65535", 1, 65535)),
    env: env(),
    variables: about(
      "Environment variables by which tests and the app find it: REDIS_URL.",
      map(
        text("letters, digits and underscores", VARIABLE),
        z.string("text (put it in quotes)"),
        "a map of variable names to text",
      ),
    ),
    unit: about("true gives it to unit tests too.", z._default(z.boolean("true or false"), false)),
  })

export const services = () =>
  about(
    "Services that tests and the running app need, by the host name they answer to.",
    map(name(), shared(), "a map of host names to services"),
  )

export const tests = () =>
  section({
    retries: about(
      "How often failed tests are tried again. One that then passes is named as flaky.",
      z._default(whole("a whole number from 0 to 5", 0, 5), 1),
    ),
    shards: about(
      "Containers that share the test files of each suite.",
      z._default(whole("a whole number from 1 to 64", 1, 64), 1),
    ),
  })

const percent = () =>
  z
    .number("a percentage from 0 to 100")
    .check(z.gte(0, "a percentage from 0 to 100"), z.lte(100, "a percentage from 0 to 100"))

export const coverage = () =>
  section({
    lines: about("Per cent of lines that all tests together must run.", z._default(percent(), 80)),
    unit: about("Per cent of lines that unit tests must run.", orNull(percent())),
    integration: about("Per cent of lines that integration tests must run.", orNull(percent())),
    e2e: about("Per cent of lines that end-to-end tests must run.", orNull(percent())),
    drop: about("Points that lines may drop against the base.", z._default(percent(), 2)),
  })
