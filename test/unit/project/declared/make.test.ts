import { expect, test } from "vitest"
import { withCalledScripts } from "../../../../ci/src/project/declared/called.js"
import { servicesOfTests } from "../../../../ci/src/project/declared/choose.js"
import { projectOf } from "../../projects.js"

const MAKEFILE = `
BIN := ./node_modules/.bin
.PHONY: test
.DEFAULT_GOAL := help

help:
	@echo usage
test: lint | build
	$(BIN)/mocha \\
		--exit
	cd web && npm test
lint: ; npm run lint
build:
	-npm run build
`

async function lines(run: string) {
  const files = ["Makefile", "ci/check.sh"]
  const read = async (file: string) => (file === "Makefile" ? MAKEFILE : "make lint")
  const steps = await withCalledScripts({ files, read }, [{ run, env: {}, folder: "" }])
  return steps.slice(1).map((step) => [step.run.trim().replace(/\s+/g, " "), step.folder])
}

test.each([
  [
    "make test",
    [
      ["npm run lint", ""],
      ["npm run build", ""],
      ["./node_modules/.bin/mocha --exit", ""],
      ["cd web && npm test", "web"],
    ],
  ],
  ["CI=1 make", [["echo usage", ""]]],
  ["make CI=1 lint", [["npm run lint", ""]]],
  ["make -C web test", []],
  [
    "bash ci/check.sh",
    [
      ["make lint", ""],
      ["npm run lint", ""],
    ],
  ],
])("reads what a call of make runs: %s", async (run, expected) => {
  expect(await lines(run)).toEqual(expected)
})

test("gives tests the services of the job that runs them by make", async () => {
  const project = await projectOf({
    "package.json": { name: "app", scripts: { test: "node --test" }, dependencies: { ioredis: "5" } },
    "package-lock.json": {},
    Makefile: "test:\n\tnode --test --test-reporter=spec\n",
    ".github/workflows/ci.yml": JSON.stringify({
      jobs: {
        test: {
          services: { cache: { image: "redis:6", ports: ["6379:6379"] } },
          steps: [{ run: "make test" }],
        },
      },
    }),
  })
  const services = servicesOfTests(project, { workspace: project.root, kind: "unit", script: "test" })
  expect(services.map(({ image }) => image)).toEqual(["redis:6"])
})
