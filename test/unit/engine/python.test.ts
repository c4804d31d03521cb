import { expect, test } from "vitest"
import { unpackScript } from "../../../engine/python.js"

test("files of Python's module are unpacked by their description", () => {
  const script = unpackScript([
    { name: "bin" },
    { name: "bin/python3.12", compressed: true },
    { name: "bin/python3", symlink: "python3.12" },
    { name: "lib/it's.gz" },
  ]).split("\n")
  expect(script).toContain("gunzip 'bin/python3.12.gz'")
  expect(script).toContain("ln -sf 'python3.12' 'bin/python3'")
  expect(script.filter((line) => line.includes("it's"))).toEqual([])
})
