import { Fault } from "../run/fault.js"
import type { Opened } from "./open.js"
import { parsePinned, parseRepository, pinnedName, repositoryName } from "./reference.js"
import { atRegistry } from "./registry.js"
import type { Trusted } from "./signer.js"
import { verify } from "./verify.js"

const DIGEST = "/slipway/digest"

/**
 * Copies an image with all its platforms, and with its signature and what is attested of it, to another repository.
 * It is verified before and afterwards, and never built again: its digest stays.
 *
 * @param tag its tag there; its commit's hash where that is "".
 * @returns the image by its digest in the other repository.
 */
export async function promote(
  opened: Opened,
  reference: string,
  repository: string,
  tag: string,
  trusted: Trusted,
): Promise<string> {
  const [image, target] = [parsePinned(reference), parseRepository(repository)]
  if (tag !== "" && !/^\w[\w.-]{0,127}$/.test(tag))
    throw new Fault("configuration", {
      what: `${JSON.stringify(tag)} is not a valid tag`,
      where: null,
      fix: "use letters, digits, dots, dashes and underscores, 128 at most",
    })
  const [verified] = await verify(opened, [image], trusted, null)
  const tagged = `${repositoryName(target)}:${tag || verified?.commit}`
  const ran = await atRegistry(opened.access, {
    repositories: [image, target],
    steps: [
      {
        name: "copy",
        run: `regctl image copy --referrers --digest-tags ${pinnedName(image)} ${tagged}`,
        timeout: 1200,
      },
      { name: "digest", run: `regctl image digest ${tagged} >${DIGEST}`, timeout: 60 },
    ],
    reports: [DIGEST],
  })
  const there = { ...target, digest: (ran.reports[DIGEST] ?? "").trim() }
  if (there.digest !== image.digest)
    throw new Fault("registry", {
      what: `${tagged} has the digest ${there.digest}, not ${image.digest}`,
      where: null,
      fix: "another push moved this tag. Promote again, and deploy by digest",
    })
  await verify(opened, [there], trusted, null)
  return pinnedName(there)
}
