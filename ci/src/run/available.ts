import { dag } from "@dagger.io/dagger"
import { type Image, type ImageSource, imageReference } from "./images.js"

/** Where the module's process runs: the embedded engine sets it for the modules that it runs. */
export const embedded = (): boolean => process.env.SLIPWAY_ENGINE === "embedded"

/** Minutes that the embedded engine takes for an image; 0 for one that it takes from the machine. */
const MINUTES: Readonly<Record<string, number>> = {
  "aquasec/trivy": 12,
  "anchore/syft": 7,
  "ghcr.io/google/osv-scanner": 5,
  "grafana/k6": 3,
  "ghcr.io/sigstore/cosign/cosign": 13,
  "hashicorp/terraform": 0,
  "ghcr.io/opentofu/opentofu": 7,
}

/**
 * Why an image cannot be had here without minutes of building from source, or null where it can be used.
 *
 * @param make true where somebody asked for what runs on it: it is then made, however long that takes.
 */
export async function missingHere(image: Image, source: ImageSource, make: boolean): Promise<string | null> {
  const { name, tag } = image
  const minutes = MINUTES[name]
  if (make || !embedded() || minutes === undefined || source.overrides[name] || source.prefix) return null
  try {
    await dag
      .container()
      .from(imageReference(image, source, `${tag}-if-made`))
      .sync()
    return null
  } catch {
    const how = minutes === 0 ? "taken from this machine" : `built from source first (${minutes} min, once)`
    return `not run here: ${name} is ${how}: ./slipway engine make ${name}`
  }
}
