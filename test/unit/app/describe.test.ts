import { expect, describe as group, test } from "vitest"
import { type App, describe } from "../../../ci/src/app/describe.js"
import { proxyConfiguration } from "../../../ci/src/app/proxy.js"
import { parseConfig } from "../../../ci/src/settings.js"
import { projectOf } from "../projects.js"

const CLINIC = {
  "package.json": { name: "clinic", workspaces: ["api", "web", "e2e"] },
  "api/package.json": { name: "api", scripts: { "db:migrate": "migrate up" }, dependencies: { pg: "8.0.0" } },
  "api/Dockerfile": "FROM node:22\n",
  "web/package.json": { name: "web", dependencies: { "react-dom": "19.0.0" } },
  "web/Dockerfile": "FROM nginx\n",
  "e2e/package.json": { name: "e2e" },
}

async function appOf(files: Parameters<typeof projectOf>[0], yaml = ""): Promise<App> {
  const described = describe(await projectOf(files, parseConfig(yaml)))
  if ("reason" in described) throw new Error(described.reason)
  return described.app
}

group("without a word in slipway.yaml, an app", () => {
  test("is its Dockerfiles: the one with a browser's packages answers all but the API", async () => {
    const { services, routes } = await appOf(CLINIC)
    expect(routes).toEqual({ "/api/": "api", "/": "web" })
    expect(services).toMatchObject([
      { name: "api", migrate: "npm run --silent db:migrate", database: true, health: null },
      { name: "web", migrate: null, database: false },
    ])
  })

  test("of one image answers everything with it", async () => {
    const app = await appOf({ "package.json": { name: "one" }, Dockerfile: "FROM node:22\n" })
    expect(app.routes).toEqual({ "/": "one" })
  })

  test("does not count the image of a database", async () => {
    const database = {
      "db/Dockerfile": "FROM postgres:16\nCOPY init.sql /docker-entrypoint-initdb.d/",
      "db/init.sql": "",
    }
    const { services } = await appOf({
      "package.json": { name: "one" },
      Dockerfile: "FROM node:22\n",
      ...database,
    })
    expect(services.map(({ name }) => name)).toEqual(["one"])
    expect(describe(await projectOf({ "package.json": { name: "library" }, ...database }))).toHaveProperty(
      "reason",
    )
  })

  test("of two backends asks who answers what", async () => {
    const { "web/package.json": _, ...rest } = CLINIC
    const project = await projectOf({ ...rest, "web/package.json": { name: "web" } })
    expect(describe(project)).toEqual({ reason: expect.stringMatching(/api, web .*app\.routes/) })
  })

  test("without a Dockerfile is none", async () => {
    expect(describe(await projectOf({ "package.json": { name: "library" } }))).toEqual({
      reason: expect.stringContaining("no Dockerfile"),
    })
  })
})

group("slipway.yaml", () => {
  test("names services, their images, routes and headers", async () => {
    const app = await appOf(
      CLINIC,
      `app:
  services:
    api: { port: 3000, health: /api/health, migrate: "" }
    docs: { image: "nginx:1", port: 80 }
  routes: { /: api, /docs/: docs }
  headers: { x-user: reception }
`,
    )
    expect(app.services).toMatchObject([
      { name: "api", port: 3000, migrate: null, database: true, workspace: { path: "api" } },
      { name: "docs", image: "nginx:1", workspace: null, database: false },
    ])
    expect(app).toMatchObject({
      routes: { "/": "api", "/docs/": "docs" },
      headers: { "x-user": "reception" },
    })
  })

  test.each([
    ["a service without an image", "app: { services: { ghost: {} } }", /app\.services\.ghost names no image/],
    ["a route that leads nowhere", "app: { routes: { /: wbe } }", /sends \/ to wbe, .*did you mean web\?/],
  ])("with %s is refused", async (_what, yaml, message) => {
    await expect(appOf(CLINIC, yaml)).rejects.toThrow(message)
  })

  test.each([
    'x-user: "a\\"b"',
    "x-user: $host",
    '"x user": a',
  ])("takes no header that would end up as something else in the proxy: %s", (header) => {
    expect(() => parseConfig(`app:\n  headers:\n    ${header}\n`)).toThrow(/header/)
  })
})

test("the proxy sends each path where its route leads, and adds the headers", async () => {
  const app = { ...(await appOf(CLINIC)), headers: { "x-user": "reception" } }
  const text = proxyConfiguration(app, { api: 3000, web: 8080 }, "https")
  expect(text).toContain("location /api/ { proxy_pass http://api:3000; }")
  expect(text).toContain("location / { proxy_pass http://web:8080; }")
  expect(text).toContain('proxy_set_header x-user "reception";')
  expect(text).toContain("proxy_set_header X-Forwarded-Proto https;")
})
