import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, test } from "vitest"
import { atLeast, goVersion, MINIMUM_GO } from "../../../engine/binaries.js"
import {
  engineConfig,
  memory,
  proxyEnvironment,
  REGISTRY,
  usesLoopbackProxy,
} from "../../../engine/config.js"
import { debianMirror, sourceLines } from "../../../engine/debian.js"
import { programFolder } from "../../../engine/go-program.js"
import { removeOldParts } from "../../../engine/parts.js"
import { RECIPES } from "../../../engine/recipes/index.js"
import { processStart } from "../../../engine/running.js"
import { emptyStateFolder } from "../state-folder.js"

describe("the Debian mirror", () => {
  const DEB822 = "Types: deb\nURIs: https://mirror.example.org/debian/\nSuites: bookworm\nComponents: main\n"
  test.each([
    [
      "a line of sources.list",
      "deb http://mirror.example.org/debian bookworm main\n",
      "http://mirror.example.org/debian",
    ],
    [
      "options in brackets",
      "deb [signed-by=/x.gpg arch=amd64] http://mirror.example.org/debian/ bookworm main",
      "http://mirror.example.org/debian",
    ],
    ["a deb822 file", DEB822, "https://mirror.example.org/debian"],
    [
      "the first of several",
      `# deb http://old/debian x main\ndeb http://a/debian x main\ndeb http://b/debian x main`,
      "http://a/debian",
    ],
    [
      "Debian beside others that serve packages for it",
      "deb https://example.org/linux/debian x stable\ndeb http://a/debian x main",
      "http://a/debian",
    ],
  ])("is that of %s", (_what, sources, mirror) => {
    expect(debianMirror(sources, undefined)).toBe(mirror)
  })

  test.each([
    ["there are only others' packages", "deb https://example.org/linux/debian x stable"],
    ["there are only security updates", "deb http://a/debian-security x main"],
    ["there is nothing", ""],
  ])("is asked for where %s", (_what, sources) => {
    expect(() => debianMirror(sources, undefined)).toThrow("names no Debian mirror")
  })

  test("is the one that is named", () => {
    expect(debianMirror(DEB822, "http://named.example.org/debian/")).toBe("http://named.example.org/debian")
  })

  test("has security updates beside it, where its name tells", () => {
    expect(sourceLines("http://a/debian")).toContain("deb http://a/debian-security bookworm-security main")
    expect(sourceLines("http://a/mirror").join("\n")).not.toContain("security")
  })
})

describe("a version of Go", () => {
  test.each([
    ["go version go1.26.8 linux/amd64", [1, 26, 8]],
    ["go version go1.27 linux/arm64", [1, 27, 0]],
    ["go version go1.27rc1 linux/amd64", [1, 27, 0]],
    ["go version devel", null],
  ])("is read from %j", (output, version) => {
    expect(goVersion(output)).toEqual(version)
  })

  test.each([
    [[1, 26, 1], true],
    [[1, 26, 8], true],
    [[1, 27], true],
    [[2, 0, 0], true],
    [[1, 26, 0], false],
    [[1, 26], false],
    [[1, 25, 9], false],
  ])("%j is new enough: %s", (version, enough) => {
    expect(atLeast(version, MINIMUM_GO)).toBe(enough)
  })
})

describe("the proxies of an environment", () => {
  test.each([
    ["http://127.0.0.1:3128", "http://10.0.2.2:3128"],
    ["http://localhost:3128/", "http://10.0.2.2:3128/"],
    ["http://user:word@localhost:3128", "http://user:word@10.0.2.2:3128"],
    ["http://proxy.example.org:3128", "http://proxy.example.org:3128"],
    ["http://localhost.example.org:1", "http://localhost.example.org:1"],
  ])("on %s are reached at %s", (proxy, expected) => {
    expect(proxyEnvironment({ HTTPS_PROXY: proxy })).toMatchObject({ HTTPS_PROXY: expected })
    expect(usesLoopbackProxy({ HTTPS_PROXY: proxy })).toBe(proxy !== expected)
  })

  test("leave out what is exempt, and the engine's own registry", () => {
    const set = proxyEnvironment({ http_proxy: "http://p:1", NO_PROXY: ".example.org,10.0.0.0/8" })
    expect(set).toMatchObject({ NO_PROXY: ".example.org,10.0.0.0/8,127.0.0.1,localhost" })
    expect(set.no_proxy).toBe(set.NO_PROXY)
    expect(usesLoopbackProxy({ http_proxy: "http://p:1" })).toBe(false)
  })

  test("are none where none is set", () => {
    expect(proxyEnvironment({ PATH: "/bin", http_proxy: "" })).toEqual({})
  })
})

describe("the engine's configuration", () => {
  test("asks a site's mirror before the images made here", () => {
    expect(engineConfig("mirror.example.org:5000")).toMatchObject({
      registries: {
        "docker.io": { mirrors: ["mirror.example.org:5000", REGISTRY] },
        [REGISTRY]: { http: true },
      },
    })
    expect(engineConfig(undefined)).toMatchObject({ registries: { "docker.io": { mirrors: [REGISTRY] } } })
  })

  test("bounds what is kept", () => {
    expect(engineConfig(undefined)).toMatchObject({
      gc: { enabled: true, maxUsedSpace: expect.stringMatching(/^\d+GB$/) },
    })
  })

  test("bounds its process by a third of the memory that it may have", () => {
    expect(memory(3 * 2 ** 32, 0).GOMEMLIMIT).toBe("4096MiB")
    expect(memory(2 ** 33, 3 * 2 ** 31).GOMEMLIMIT).toBe("2048MiB")
    expect(memory(3 * 2 ** 32, 2 ** 64).GOMEMLIMIT).toBe("4096MiB")
  })
})

test("a process is told from a later one of the same number by its start", () => {
  expect(processStart(process.pid)).toMatch(/^\d+$/)
  expect(processStart(process.pid)).toBe(processStart(process.pid))
  expect(processStart(2 ** 22 + 1)).toBeNull()
})

describe("old parts", () => {
  const folder = emptyStateFolder()

  test("programs of older recipes go, those of today stay with what is being built", () => {
    const [today = ""] = RECIPES.flatMap(({ standIn: { go } }) => (go ? [programFolder(go)] : []))
    const older = today.replace(/[0-9a-f]{12}$/, "0123456789ab")
    const stay = [today, `${today}.lock`, `${today}.partial`, "program-of-mine"]
    const go = [older, `${older}.lock`, `${older}.partial`]
    for (const name of [...stay, ...go]) fs.mkdirSync(path.join(folder(), name))
    expect([...removeOldParts()].sort()).toEqual(go)
    expect(fs.readdirSync(folder()).sort()).toEqual([...stay].sort())
  })
})
