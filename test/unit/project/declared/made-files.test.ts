import { expect, test } from "vitest"
import { surroundingsOf } from "../../../../ci/src/project/declared/environment.js"
import { madeFiles } from "../../../../ci/src/project/declared/made-files.js"
import { shellSteps } from "../../../../ci/src/project/declared/steps.js"
import { projectOf } from "../../projects.js"

const FILES = ["env-example", "config/db.dist.json", "api/.env.ci", ".env.test", "src/a.ts"]

const made = (text: string) => madeFiles(shellSteps(text, { env: { PORT: "3306" }, folder: "" }), FILES)

test.each([
  ["cp env-example .env", { ".env": [{ copy: "env-example" }] }],
  ["cp -n env-example .env || true", { ".env": [{ copy: "env-example" }] }],
  ["if [ ! -f .env ]; then cp env-example .env; fi", { ".env": [{ copy: "env-example" }] }],
  ["cd api && cp .env.ci .env", { "api/.env": [{ copy: "api/.env.ci" }] }],
  ["cp env-example api/", { "api/env-example": [{ copy: "env-example" }] }],
  ["cat env-example api/.env.ci > .env", { ".env": [{ copy: "env-example" }, { copy: "api/.env.ci" }] }],
  ["mv config/db.dist.json config/db.json", { "config/db.json": [{ copy: "config/db.dist.json" }] }],
  ["cp env-example .env.test", { ".env.test": [{ copy: "env-example" }] }],
  ["touch .env .env.test", { ".env": [] }],
  [": > .env", { ".env": [] }],
  ["> .env", { ".env": [] }],
  ['echo "A=1" > .env\necho "B=$PORT" >> .env', { ".env": [{ text: "A=1\n" }, { text: "B=3306\n" }] }],
  [
    "cp env-example .env\necho KEY=$(openssl rand -hex 2) >>.env",
    { ".env": [{ copy: "env-example" }, { text: "KEY=5a5a\n" }] },
  ],
  ["echo A=1 >> .env.test", { ".env.test": [{ copy: ".env.test" }, { text: "A=1\n" }] }],
  [
    "cat <<EOF > .env\nA='it is'\nB=$PORT\nEOF\ntouch x",
    { ".env": [{ text: "A='it is'\nB=3306\n" }], x: [] },
  ],
  ["cat > .env << 'END'\nA=1\nEND", { ".env": [{ text: "A=1\n" }] }],
])("%s makes a file", (text, files) => {
  expect(made(text)).toEqual(files)
})

test.each([
  "sudo cp env-example /etc/app/env",
  "cp $SOURCE .env",
  "cp absent .env",
  "cp env-example ~/.env",
  "cp env-example ../.env",
  'echo "A=1" >> "$GITHUB_ENV"',
  "echo done",
  "cat env-example",
  "echo //registry.npmjs.org/:_authToken=x > .npmrc",
  "npm test > /dev/null 2>&1",
  "npx foo <<EOF\nA=1\nEOF",
])("%s makes none of the repository", (text) => {
  expect(made(text)).toEqual({})
})

test("tests find the files that their job makes before them, not those of later steps", async () => {
  const app = await projectOf({
    "package.json": { name: "app", scripts: { test: "node --test" } },
    "env-example": "A=1",
    ".github/workflows/ci.yml": `jobs: { test: { steps: [{ run: cp env-example .env }, { run: npm test }, { run: touch later }] } }`,
  })
  const found = surroundingsOf(app, { workspace: app.root, kind: "unit", script: "test" }, [])
  expect(found.files).toEqual({ ".env": [{ copy: "env-example" }] })
  expect(found.because).toEqual([".env from env-example"])
})
