import * as z from "zod/mini"
import { map, name } from "../config/parts.js"

/**
 * `environments` in slipway.yaml. The deployer reads what stands in each, and says what is wrong with it: it is a
 * module of its own, and its schema is there alone.
 */
export const environments = () =>
  map(
    name(),
    z.record(z.string(), z.unknown(), "what is deployed, by keys"),
    "a map of environments to what is deployed there",
  )
