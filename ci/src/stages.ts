import { app } from "./app/app.js"
import { custom } from "./custom/custom.js"
import { bundle } from "./image/bundle.js"
import { image } from "./image/image.js"
import { sbom } from "./image/sbom.js"
import { build } from "./project/build.js"
import { checkout } from "./project/checkout.js"
import { install } from "./project/install.js"
import { prepare } from "./project/prepare.js"
import { pythonInstall } from "./project/python-install.js"
import { quality } from "./quality/quality.js"
import { limits } from "./run/limits.js"
import type { StageKind } from "./run/stage.js"
import { security } from "./security/security.js"
import { CLOCKS } from "./settings.js"
import { terraform } from "./terraform/terraform.js"
import { coverage } from "./testing/coverage.js"
import { pythonTests } from "./testing/python.js"
import { quarantine } from "./testing/quarantine-stage.js"
import { testFiles } from "./testing/test-files.js"
import { suites } from "./testing/testing.js"

/** Every kind of stage, in the order of reports. A new one is a folder, and a word here. */
export const KINDS: readonly StageKind[] = [
  checkout,
  install,
  pythonInstall,
  prepare,
  build,
  ...quality,
  ...suites,
  pythonTests,
  image,
  ...app,
  ...security,
  ...terraform,
  bundle,
  sbom,
  custom,
  testFiles,
  quarantine,
  coverage,
  limits(CLOCKS),
]
