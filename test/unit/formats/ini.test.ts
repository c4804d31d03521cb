import { expect, test } from "vitest"
import { readIni } from "../../../ci/src/formats/ini.js"

test("an INI file is read as configparser reads it", () => {
  const text = `[options]
# A comment.
install_requires =
    django>=4
    ; another
    redis
empty =
[options.extras_require]
dev.all: ruff
x-y = a
  b = c
[empty]
`
  expect(readIni(text)).toEqual({
    options: { install_requires: "\ndjango>=4\nredis", empty: "" },
    "options.extras_require": { "dev.all": "ruff", "x-y": "a\nb = c" },
    empty: {},
  })
})
