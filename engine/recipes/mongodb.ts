import { PATH, type Recipe } from "./recipe.js"
import { startedBy } from "./starts.js"

const VERSION = "1.24.2"

/**
 * FerretDB speaks MongoDB's protocol. It stores, finds, changes and indexes documents; it has no transactions, change
 * streams or text search, and not each stage of an aggregation. MongoDB itself is in no package mirror.
 */
export const MONGODB: Recipe = {
  name: "mongo",
  tag: "7",
  tags: /^(?:latest|\d+(?:\.\d+){0,2})?(?:(?:^|-)(?:noble|jammy|focal|bionic))*$/,
  purpose: `FerretDB ${VERSION}, for clients of MongoDB`,
  seconds: 110,
  standIn: {
    from: "node",
    apt: ["socat"],
    go: {
      module: "github.com/FerretDB/FerretDB",
      version: `v${VERSION}`,
      sum: "h1:trrUU0LbmusMbyubhPS1IELncvrIwKrsRT2LW1UUWCw=",
      package: "./cmd/ferretdb",
      path: "/usr/local/bin/ferretdb",
      generated: { "build/version/version.txt": `v${VERSION}\n` },
    },
    files: startedBy("mongodb"),
    run: [
      "npm install --global --ignore-scripts --omit=optional --no-audit --no-fund mongosh@2.12.0",
      // The shell of older images.
      "ln -s mongosh /usr/local/bin/mongo",
    ],
    // Shows whoever asked for MongoDB that FerretDB answers.
    env: { PATH, FERRETDB_VERSION: VERSION },
    entrypoint: ["docker-entrypoint.sh"],
    command: ["mongod"],
    ports: [27017],
  },
}
