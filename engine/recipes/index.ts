import { POSTGRES_FAMILY } from "./databases.js"
import { NODE_FAMILY } from "./node.js"
import { PYTHON_FAMILY } from "./python.js"
import type { Family, Recipe } from "./recipe.js"
import { RUNTIMES } from "./runtimes.js"
import { TOOLS } from "./tools.js"

export type { Family, GoProgram, GoPython, HostProgram, Recipe, StandIn } from "./recipe.js"

/** How an engine without an image registry makes images from package mirrors. */
export const RECIPES: readonly Recipe[] = [...RUNTIMES, ...TOOLS]

/** Names whose tags say more versions than a list holds: each image is made when it is first pulled. */
export const FAMILIES: readonly Family[] = [NODE_FAMILY, POSTGRES_FAMILY, PYTHON_FAMILY]

/** The registries whose names the embedded engine answers to. */
export const REGISTRIES = ["docker.io", "ghcr.io", "mcr.microsoft.com"] as const

/** Returns the first recipe of a name: the one to take where no version is asked for. */
export const recipeOf = (name: string): Recipe | undefined => RECIPES.find((recipe) => recipe.name === name)

/** Returns the recipe that answers to a repository (of Docker Hub, or with its host before it) and a tag, or null. */
export function findRecipe(repository: string, tag: string): Recipe | null {
  const name = repository.replace(/^library\//, "")
  const listed = RECIPES.find((recipe) => recipe.name === name && recipe.tags.test(tag))
  return listed ?? FAMILIES.find((family) => family.name === name)?.of(tag) ?? null
}
