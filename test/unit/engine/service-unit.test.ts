import { expect, test } from "vitest"
import { environmentText, unitText } from "../../../engine/service-unit.js"

test("the unit runs the launcher of this Slipway, and stops by its first process", () => {
  const text = unitText({ repository: "/opt/slipway", home: "/var/lib/slipway" })
  for (const line of [
    "ExecStart=/opt/slipway/slipway engine start --foreground",
    "EnvironmentFile=/var/lib/slipway/service.env",
    "Documentation=file:///opt/slipway/README.md",
    "KillMode=mixed",
    "Restart=on-failure",
  ])
    expect(text.split("\n")).toContain(line)
})

test("paths with spaces, quotes and percent signs are quoted", () => {
  const text = unitText({ repository: '/opt/50% "off"', home: "/srv/a b" })
  expect(text).toContain('ExecStart="/opt/50%% \\"off\\"/slipway" engine start --foreground\n')
  expect(text).toContain('RequiresMountsFor="/srv/a b"\n')
  expect(text).toContain("Documentation=file:///opt/50%%25%%20%%22off%%22/README.md\n")
})

test("the service gets what decides how the engine is built, and no secret", () => {
  const env = {
    PATH: "/usr/bin",
    HOME: "/root",
    GOPROXY: "https://go.example.org",
    https_proxy: 'http://ada:a"$b`@proxy:3128',
    SLIPWAY_HOME: "/elsewhere",
    SLIPWAY_MIRROR: "mirror:5000",
    SLIPWAY_RESULTS_KEY: "a key",
    GOOGLE_APPLICATION_CREDENTIALS: "a file",
    NPM_TOKEN: "a token",
  }
  expect(environmentText({ home: "/srv" }, env)).toBe(
    [
      'GOPROXY="https://go.example.org"',
      'HOME="/root"',
      'PATH="/usr/bin"',
      'SLIPWAY_HOME="/srv"',
      'SLIPWAY_MIRROR="mirror:5000"',
      'https_proxy="http://ada:a\\"\\$b\\`@proxy:3128"',
      "",
    ].join("\n"),
  )
})
