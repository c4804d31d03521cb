import type { Recipe } from "./recipe.js"
import { RUNTIMES } from "./runtimes.js"
import { TOOLS } from "./tools.js"

export type { GoProgram, HostProgram, Recipe, StandIn } from "./recipe.js"

/** How an engine without an image registry makes images from package mirrors. */
export const RECIPES: readonly Recipe[] = [...RUNTIMES, ...TOOLS]

/** The registries whose names the embedded engine answers to. */
export const REGISTRIES = ["docker.io", "ghcr.io", "mcr.microsoft.com"] as const

/** Returns the first recipe of a name: the one to take where no version is asked for. */
export const recipeOf = (name: string): Recipe | undefined => RECIPES.find((recipe) => recipe.name === name)

/** Returns the recipe that answers to a repository (of Docker Hub, or with its host before it) and a tag, or null. */
export function findRecipe(repository: string, tag: string): Recipe | null {
  const name = repository.replace(/^library\//, "")
  return RECIPES.find((recipe) => recipe.name === name && recipe.tags.test(tag)) ?? null
}
