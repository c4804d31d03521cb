import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { findRuntime } from "../../../engine/runtime.js"

/** What Docker 20.10 and Podman 4.3 print for `info --format '{{json .}}'`, as far as it matters. */
const docker = (told: object): string =>
  JSON.stringify({ ServerVersion: "24.0.7", SecurityOptions: [], ...told })
const podman = (rootless: boolean): string =>
  JSON.stringify({ host: { security: { rootless } }, version: { APIVersion: "4.3.1", Version: "4.3.1" } })

const GONE =
  "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
const DENIED =
  "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock"

/** A command's answers to `info` and to `context inspect`. */
interface Fake {
  readonly info: string
  readonly context?: string
  readonly error?: string
  readonly code?: number
}

let folder = ""
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-runtime-"))
})
afterEach(() => fs.rmSync(folder, { recursive: true }))

function fake(command: string, { info, context = "", error = "", code = 0 }: Fake): void {
  const script = `#!/bin/sh
case $1 in
info) printf '%s' '${info}'; echo '${error}' >&2; exit ${code} ;;
context) echo '${context}' ;;
esac
`
  fs.writeFileSync(path.join(folder, command), script, { mode: 0o755 })
}

const found = (env: NodeJS.ProcessEnv = {}) => findRuntime({ PATH: `${folder}:/usr/bin:/bin`, ...env })

describe("a container runtime", () => {
  it("is none without one on the PATH", async () => {
    expect(await findRuntime({ PATH: folder })).toBeNull()
  })

  it.each<[string, Fake, object]>([
    ["answers", { info: docker({}) }, { fitness: "fit", text: "docker 24.0.7", fix: null }],
    [
      "is too old",
      { info: docker({ ServerVersion: "19.03.15" }) },
      { fitness: "risky", text: "docker 19.03.15 is too old", fix: "install Docker 20.10 or newer" },
    ],
    [
      "has a version with a suffix",
      { info: docker({ ServerVersion: "20.10.24+dfsg1" }) },
      { fitness: "fit", text: "docker 20.10.24+dfsg1" },
    ],
    [
      "is rootless",
      { info: docker({ SecurityOptions: ["name=seccomp,profile=default", "name=rootless"] }) },
      {
        fitness: "risky",
        text: expect.stringMatching(/rootless/),
        fix: expect.stringMatching(/context use/),
      },
    ],
    [
      "has no daemon, which exits well",
      { info: JSON.stringify({ ServerErrors: [GONE] }) },
      {
        fitness: "unfit",
        text: expect.stringContaining(GONE),
        fix: expect.stringMatching(/systemctl start/),
      },
    ],
    [
      "has no daemon, which fails",
      { info: "", error: GONE, code: 1 },
      {
        fitness: "unfit",
        text: expect.stringContaining(GONE),
        fix: expect.stringMatching(/systemctl start/),
      },
    ],
    [
      "may not be used by this user",
      { info: JSON.stringify({ ServerErrors: [DENIED] }) },
      {
        fitness: "unfit",
        text: expect.stringMatching(/permission denied/),
        fix: expect.stringMatching(/usermod/),
      },
    ],
    [
      "is Podman",
      { info: podman(false), error: "Emulate Docker CLI using podman." },
      {
        fitness: "fit",
        text: "podman 4.3.1 under the name docker",
        fix: expect.stringMatching(/pids_limit/),
      },
    ],
    [
      "is a rootless Podman",
      { info: podman(true) },
      {
        fitness: "risky",
        text: expect.stringMatching(/^podman.*rootless/),
        fix: expect.stringMatching(/as root/),
      },
    ],
  ])("that %s", async (_, answers, expected) => {
    fake("docker", answers)
    expect(await found()).toMatchObject({ command: "docker", ...expected })
  })

  it.each([
    ["named by DOCKER_HOST", { DOCKER_HOST: "tcp://build:2376" }, "", "tcp://build:2376"],
    ["of the current context", {}, "ssh://ci@build", "ssh://ci@build"],
  ])("on another machine, %s", async (_, env, context, address) => {
    fake("docker", { info: docker({}), context })
    expect(await found(env)).toMatchObject({
      fitness: "fit",
      text: `docker 24.0.7 at ${address}: the engine runs there`,
      fix: expect.stringMatching(/unset DOCKER_HOST/),
    })
    fake("docker", { info: JSON.stringify({ ServerErrors: ["dial tcp: i/o timeout"] }), context })
    expect(await found(env)).toMatchObject({
      fitness: "unfit",
      text: `no daemon answers at ${address}: dial tcp: i/o timeout`,
    })
  })

  it.each([
    "unix:///run/user/1000/docker.sock",
    "tcp://127.0.0.1:2375",
    "tcp://localhost:2375",
  ])("on this machine, at %s", async (DOCKER_HOST) => {
    fake("docker", { info: docker({}) })
    expect(await found({ DOCKER_HOST })).toMatchObject({ text: "docker 24.0.7", fix: null })
  })

  it("is the first on the PATH: the dagger client tries no other one", async () => {
    fake("docker", { info: "", error: GONE, code: 1 })
    fake("podman", { info: podman(false) })
    expect(await found()).toMatchObject({ command: "docker", fitness: "unfit" })
    fs.rmSync(path.join(folder, "docker"))
    expect(await found()).toMatchObject({ command: "podman", text: "podman 4.3.1" })
  })

  it("is not waited for where it hangs", async () => {
    fs.writeFileSync(path.join(folder, "docker"), "#!/bin/sh\nexec /bin/sleep 60\n", { mode: 0o755 })
    const began = performance.now()
    expect(await found()).toMatchObject({
      fitness: "unfit",
      text: expect.stringMatching(/no answer in 3 s$/),
    })
    expect(performance.now() - began).toBeLessThan(4500)
  })
})
