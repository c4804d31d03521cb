import { expect, test } from "vitest"
import { bareService } from "../../../../ci/src/project/declared/found.js"
import { officialEnv, officialImages } from "../../../../ci/src/project/declared/official-images.js"
import { technologyOf } from "../../../../ci/src/project/declared/technologies.js"

const service = (image: string, env = {}) => ({
  ...bareService("db", image, technologyOf(image), "ci.yml"),
  env,
})

test.each<[image: string, expected: readonly string[]]>([
  ["ghcr.io/acme/postgres:17-alpine", ["postgres:17-alpine", "postgres:17", "postgres:15-alpine"]],
  ["pgvector/pgvector:pg16", ["postgres:pg16", "postgres:16", "postgres:15-alpine"]],
  ["timescale/timescaledb:2.17.2-pg17", ["postgres:2.17.2-pg17", "postgres:17", "postgres:15-alpine"]],
  ["postgis/postgis:16-3.4", ["postgres:16-3.4", "postgres:16", "postgres:15-alpine"]],
  ["bitnami/mariadb:11.4", ["mariadb:11.4", "mariadb:11", "mariadb:latest"]],
  ["mysql/mysql-server", ["mysql:8.4"]],
  ["redis/redis-stack:7.4.0-v1", ["redis:7.4.0-v1", "redis:7-alpine"]],
  ["docker.io/library/postgres:16", []],
  ["valkey/valkey:8", []],
  ["acme/store:1", []],
])("%s has as its technology's own images %j", (image, expected) => {
  expect(officialImages(service(image))).toEqual(expected)
})

test("nothing replaces an image that listens on another port", () => {
  expect(officialImages({ ...service("acme/redis:7"), ports: [3000] })).toEqual([])
  expect(
    officialImages({ ...service("acme/redis:7"), ports: [3000], command: ["--port", "3000"] }),
  ).not.toEqual([])
})

test("the own image of PostgreSQL is told user, password and database by its own variables", () => {
  const env = { POSTGRESQL_USERNAME: "a", POSTGRESQL_PASSWORD: "b", POSTGRESQL_DATABASE: "c" }
  expect(officialEnv(service("bitnami/postgresql:16", env))).toMatchObject({
    POSTGRES_USER: "a",
    POSTGRES_PASSWORD: "b",
    POSTGRES_DB: "c",
  })
  expect(officialEnv(service("acme/postgres-ssl"))).toMatchObject({ POSTGRES_HOST_AUTH_METHOD: "trust" })
})
