import type { RequestListener } from "node:http"
import { text } from "node:stream/consumers"
import { createGunzip } from "node:zlib"

/** A package that depends on one that vulnerabilities are planted in. */
export const MANIFEST = { name: "small", version: "1.0.0", private: true, dependencies: { ms: "^2.1.2" } }

/** Its lock file, with that package in some version. */
export const lock = (version: string) => ({
  name: MANIFEST.name,
  version: MANIFEST.version,
  lockfileVersion: 3,
  requires: true,
  packages: { "": MANIFEST, "node_modules/ms": { version } },
})

/**
 * npm's advisory service as far as `npm audit` asks it: it is sent the versions that are installed.
 *
 * @param name the package that is vulnerable in every version but `fixed`.
 */
export function advisoriesOf(name: string, ghsa: string, fixed: string): RequestListener {
  const advisory = {
    id: 1,
    url: `https://github.com/advisories/${ghsa}`,
    title: "planted",
    severity: "high",
    vulnerable_versions: `<${fixed}`,
  }
  return async (request, response) => {
    if (request.method !== "POST" || !request.url?.endsWith("/-/npm/v1/security/advisories/bulk"))
      return void response.writeHead(404).end("{}")
    const installed: Readonly<Record<string, readonly string[]>> = JSON.parse(
      await text(request.pipe(createGunzip())),
    )
    const known = installed[name]?.some((version) => version !== fixed)
    response.end(JSON.stringify(known ? { [name]: [advisory] } : {}))
  }
}
