/** The images that the stages of a plan run on, and that Dockerfiles build on. */
import { describe } from "../app/describe.js"
import { K6 } from "../app/load/load.js"
import { BROWSERS, PROXY } from "../app/running.js"
import type { Config } from "../config/config.js"
import { COSIGN, REGCTL } from "../image/registry.js"
import { SYFT } from "../image/sbom.js"
import { servicesOfApp } from "../project/declared/choose.js"
import { named } from "../project/declared/named.js"
import { baseImages } from "../project/dockerfile/stages.js"
import { GIT } from "../project/history.js"
import { nodeTag } from "../project/node-version.js"
import type { Project } from "../project/project.js"
import { PYTHON, pythonTag } from "../project/python-install.js"
import { type Image, type ImageSource, imageReference, NODE, parseImage } from "../run/images.js"
import type { Stage } from "../run/stage.js"
import type { Category } from "../security/scanner.js"
import { scannersOf } from "../security/scanners.js"
import { infrastructureOf } from "../terraform/sources.js"
import { SEMGREP } from "../tools/semgrep.js"
import { TRIVY } from "../tools/trivy.js"
import type { Single } from "./need.js"

/** What is read of a repository: texts of files, by their paths. */
export type Texts = ReadonlyMap<string, string>

type Finder = (project: Project, texts: Texts) => readonly Image[]

const tagged = (image: Image, tag: string): Image => ({ ...image, tag })

const scanners =
  (category: Category): Finder =>
  ({ config }) => [
    // Asked which files a change touches.
    GIT,
    ...scannersOf(category, config.security.scanners[category]).flatMap(({ image }) => image ?? []),
  ]

const terraform: Finder = ({ config }, texts) => {
  const { roots, program } = infrastructureOf(config.terraform, texts)
  const programs = (roots.length > 0 ? roots : [""]).map(program)
  return programs.map(({ image, version }) => tagged(image, version))
}

/** The app's own services, and the browser, the load or the probes that look at it. */
const running =
  (...more: readonly Image[]): Finder =>
  (project) => {
    const described = describe(project)
    const services = "reason" in described ? [] : described.app.services
    return [
      ...[PROXY, ...more],
      ...services.flatMap(({ image, workspace, database }) => [
        ...(image === null ? [] : [parseImage(image)]),
        ...servicesOfApp(project, workspace, database).map((service) => parseImage(service.image)),
      ]),
    ]
  }

/** Of Playwright the version that the project has locked: its browsers are those of that version. */
const browsers: Finder = (project, texts) => {
  const versions = [...texts].flatMap(
    ([file, text]) =>
      (file.endsWith("package-lock.json") &&
        /"node_modules\/@playwright\/test": \{\s*"version": "([\d.]+)"/.exec(text)?.[1]) ||
      [],
  )
  const images = versions.map((version) => tagged(BROWSERS, `v${version}-noble`))
  return running(...(images.length > 0 ? images : [BROWSERS]))(project, texts)
}

/** By the kind of a stage. Slipway's own scripts run on {@link NODE} in any. */
const BY_KIND: Readonly<Record<string, Finder>> = {
  install: ({ language, python, node }) =>
    language === "python" && python !== null
      ? [tagged(PYTHON, pythonTag(python.version))]
      : [tagged(NODE, nodeTag(node))],
  e2e: browsers,
  a11y: running(BROWSERS),
  load: running(K6),
  dast: (project, texts) => [
    ...running()(project, texts),
    ...(project.config.dast.zap === null ? [] : [parseImage(project.config.dast.zap)]),
  ],
  privacy: () => [SEMGREP],
  sbom: ({ config }) => [config.image.sbom === "trivy" ? TRIVY : SYFT],
  "terraform-fmt": terraform,
  "terraform-validate": terraform,
  dependencies: scanners("dependencies"),
  code: scanners("code"),
  secrets: scanners("secrets"),
  "image-scan": scanners("image-scan"),
  infrastructure: scanners("infrastructure"),
  licences: scanners("licences"),
}

/** The images of a stage that slipway.yaml describes. */
const ownImages = ({ image, services }: Config["custom"][string]): readonly Image[] => [
  parseImage(image),
  ...named(services).map((service) => parseImage(service.image)),
]

/** Returns the images that stages run on. */
export function imagesOfStages(whole: Project, stages: readonly Stage[], texts: Texts): readonly Single[] {
  const source = whole.config.images
  const ofStages = stages.flatMap((stage) => {
    const project = stage.project ?? whole
    const own = whole.config.custom[stage.name]
    const images = [
      ...(BY_KIND[stage.kind]?.(project, texts) ?? []),
      ...(own ? ownImages(own) : []),
      ...(stage.services ?? []).map(({ image }) => parseImage(image)),
      ...(stage.images ?? []),
    ]
    return [NODE, ...images].map((image) => needed(image, source, stage.kind))
  })
  const deploys = Object.keys(whole.config.environments).length > 0
  return [
    ...ofStages,
    ...(deploys ? [COSIGN, REGCTL] : []).map((image) => needed(image, source, "deployments")),
  ]
}

/** Builds take their images from where the Dockerfile says, whatever slipway.yaml says of the stages' own. */
const AS_WRITTEN: ImageSource = { prefix: null, overrides: {} }

/** Returns the images that Dockerfiles build on. */
export const imagesOfBuilds = ({ dockerfiles }: Project, texts: Texts): readonly Single[] =>
  dockerfiles.flatMap(({ file, args }) =>
    baseImages(texts.get(file) ?? "", args).map((reference) =>
      needed(parseImage(reference), AS_WRITTEN, file),
    ),
  )

const needed = (image: Image, source: ImageSource, use: string): Single => ({
  kind: "image",
  name: imageReference(image, AS_WRITTEN),
  from: imageReference(image, source),
  for: use,
})
