import type { File } from "@dagger.io/dagger"
import { quote } from "../run/command.js"
import { type Pinned, pinnedName } from "./reference.js"
import { type Access, atRegistry } from "./registry.js"

const TARBALL = "/slipway/image.tar"

/**
 * An image of a registry as `docker save` writes it.
 *
 * @param platform which of an image for several, such as linux/amd64.
 * @throws {Fault} `no-image` or `registry` where it cannot be had.
 */
export async function pull(access: Access, image: Pinned, platform: string): Promise<File> {
  const name = pinnedName(image)
  const ran = await atRegistry(access, {
    repositories: [image],
    steps: [
      {
        name: `pull ${name}`,
        run: `mkdir -p /slipway && regctl image export --platform ${quote(platform)} ${name} ${TARBALL}`,
        timeout: 600,
      },
    ],
  })
  return ran.container.file(TARBALL)
}
