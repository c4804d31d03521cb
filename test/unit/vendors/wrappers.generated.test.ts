import * as path from "node:path"
import { describe, expect, test } from "vitest"
import { render } from "../../../cli/wrappers/work.js"
import { repository } from "../../../engine/host/repository.js"

const own = render(repository(), { vendor: "github", deploy: false, branch: "main" }, "checkout")

describe("this repository's own wrapper", () => {
  test.each(Object.entries(own))("is what Slipway writes: %s", async (file, text) => {
    await expect(text).toMatchFileSnapshot(path.join(repository(), file))
  })
})
