import { expect, test } from "vitest"
import { globMatcher } from "../../../ci/src/formats/glob.js"
import { contextFiles, lfsFiles } from "../../../ci/src/image/build.js"
import { checkout } from "../../../ci/src/project/checkout.js"
import { ENDINGS, sources } from "../../../ci/src/quality/sources.js"
import { projectOf } from "../projects.js"

const project = await projectOf({
  "package.json": { name: "app", workspaces: ["api"] },
  ".gitattributes": [
    "# what others made",
    "[attr]big filter=lfs diff=lfs -text",
    "*.psd big",
    "api/*.bin filter=lfs",
    "/api/plain.bin -filter",
    "lib/** linguist-vendored",
    "lib/ours.js -linguist-vendored",
    '"a b/*.js" linguist-generated=true',
  ].join("\n"),
  "api/.gitattributes": "schema.ts linguist-generated\n",
  ".gitmodules": '[submodule "x"]\n\tpath = vendor/x\n\turl = ../x\n[submodule "y"]\n\tpath = vendor/y\n',
  "vendor/y/index.js": "",
  "logo.psd": "",
  "api/package.json": { name: "api" },
  "api/Dockerfile": "FROM scratch\nCOPY . .\n",
  "api/big.bin": "",
  "api/plain.bin": "",
  "api/schema.ts": "",
  "src/build/plan.ts": "",
  "dist/bundle.js": "",
  ".yarn/releases/yarn-4.cjs": "",
  "lib/theirs.js": "",
  "lib/ours.js": "",
  "a b/made.js": "",
})

test("finds the files of Git LFS, by macros too, and those of a build context", () => {
  expect(project.attributes.lfs).toEqual(["api/big.bin", "logo.psd"])
  const [api] = project.dockerfiles
  expect(api && contextFiles(project, api).include).toEqual(["api/**"])
  expect(api && lfsFiles(project, api)).toEqual(["api/big.bin"])
})

test("finds the submodules that are not checked out", () => {
  expect(project.attributes.missing).toEqual(["vendor/x"])
  const applies = checkout.applies(project, [])
  expect(applies).toMatchObject({ applies: true, stages: [{ name: "checkout" }] })
})

test("leaves out of quality what is generated or vendored, and nothing below a folder of sources", () => {
  const { include, exclude, leftOut } = sources(project, ENDINGS.scripts)
  const [wanted, unwanted] = [globMatcher(include), globMatcher(exclude)]
  expect(project.files.filter((file) => wanted(file) && !unwanted(file))).toEqual([
    "lib/ours.js",
    "src/build/plan.ts",
  ])
  expect(leftOut).toBe(6)
})
