import { expect, test } from "vitest"
import { metricsModule, pageModule } from "../../../ci/page/bundle.js"

test.each([
  ["ci/src/report/page.generated.ts", pageModule],
  ["cli/metrics/page.generated.ts", metricsModule],
])("matches the committed %s; `npm run generate` writes it", async (file, write) => {
  await expect(await write()).toMatchFileSnapshot(`../../../${file}`)
})
