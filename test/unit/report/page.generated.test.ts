import { expect, test } from "vitest"
import { pageModule } from "../../../ci/page/bundle.js"

test("matches the committed page.generated.ts; `npm run generate` writes it", async () => {
  await expect(await pageModule()).toMatchFileSnapshot("../../../ci/src/report/page.generated.ts")
})
