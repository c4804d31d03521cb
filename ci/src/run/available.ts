import { dag } from "@dagger.io/dagger"
import { IF_MADE, type ImageSource, imageOf, imageReference } from "../images.js"

/** Where the module's process runs: the embedded engine sets it for the modules that it runs. */
export const embedded = (): boolean => process.env.SLIPWAY_ENGINE === "embedded"

/**
 * Why an image cannot be had here without minutes of building from source, or null where it can be used.
 *
 * @param make true where somebody asked for what runs on it: it is then made, however long that takes.
 */
export async function missingHere(name: string, source: ImageSource, make: boolean): Promise<string | null> {
  const image = imageOf(name)
  if (make || !embedded() || !image?.onDemand || source.overrides[name] || source.prefix) return null
  try {
    await dag
      .container()
      .from(`${imageReference(name, source)}${IF_MADE}`)
      .sync()
    return null
  } catch {
    const minutes = Math.max(1, Math.round(image.seconds / 60))
    const how = image.standIn.host
      ? "taken from this machine"
      : `built from source first (${minutes} min, once)`
    return `not run here: ${name} is ${how}: ./slipway engine make ${name}`
  }
}
