import { expect, test } from "vitest"
import { headersMissing } from "../../../ci/src/project/python-headers.js"

const MISSING = "src/_mysql.c:56:10: fatal error: Python.h: No such file or directory"

test("a compiler that finds no headers where the official image has them tells the version of the image", () => {
  const log = `gcc -fPIC -I/usr/local/include/python3.14 -c src/_mysql.c\n${MISSING}`
  expect(headersMissing(log)).toContain("this engine's image of Python 3.14 has no headers")
})

test.each([
  `gcc -I/usr/include/python3.11 -c a.c\n${MISSING}`,
  "gcc -I/usr/local/include/python3.14 -c a.c\na.c:1:10: fatal error: libpq-fe.h: No such file or directory",
])("another failure is not the image's: %#", (log) => {
  expect(headersMissing(log)).toBeNull()
})
