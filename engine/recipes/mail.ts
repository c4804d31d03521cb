import { PATH, type Recipe } from "./recipe.js"

/** Catches the mail that tests send. Its API is complete; the Go module does not have its web pages. */
export const MAIL: readonly Recipe[] = [
  {
    name: "axllent/mailpit",
    tag: "v1.33.1",
    tags: /^(?:latest|v?1(?:\.\d+){0,2})$/,
    purpose: "catches the mail of tests: Mailpit 1.33, its API without its web pages",
    seconds: 90,
    standIn: {
      from: "debian",
      go: {
        module: "github.com/axllent/mailpit",
        version: "v1.33.1",
        sum: "h1:5cW1C4QrxRKh9qNiRYvSVaYw82BU1lGt/mYZtGUmi7A=",
        package: ".",
        path: "/mailpit",
        ldflags: "-X github.com/axllent/mailpit/config.Version=v1.33.1",
      },
      env: { PATH },
      entrypoint: ["/mailpit"],
      ports: [1025, 1110, 8025],
    },
  },
]
