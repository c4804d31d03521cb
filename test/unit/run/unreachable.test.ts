import { expect, test } from "vitest"
import { unreachable } from "../../../ci/src/run/unreachable.js"

test.each([
  [
    "npm error path /app/node_modules/sqlite3\nnpm error prebuild-install warn install getaddrinfo ENOTFOUND github.com",
    { host: "github.com", package: "sqlite3" },
  ],
  [
    "../.pnpm/x/node_modules/@prisma/engines postinstall: Error: getaddrinfo EAI_AGAIN binaries.prisma.sh",
    { host: "binaries.prisma.sh", package: "@prisma/engines" },
  ],
  ["curl: (6) Could not resolve host: bun.sh", { host: "bun.sh", package: null }],
  ["Temporary failure resolving 'deb.example.org'", { host: "deb.example.org", package: null }],
  ["dial tcp: lookup dl.example.com on 10.0.0.1:53: no such host", { host: "dl.example.com", package: null }],
  ["connect ECONNREFUSED 127.0.0.1:5432", null],
  ["src/a.ts: error TS2304", null],
])("%j", (log, expected) => {
  expect(unreachable(log)).toEqual(expected)
})
