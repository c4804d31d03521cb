import type { File } from "@dagger.io/dagger"
import { settingsOf } from "../config/stage-settings.js"
import { escapeGlob } from "../formats/glob.js"
import { installStage } from "../project/install.js"
import { hasManifest, manifests, stageName } from "../project/packages.js"
import type { Dockerfile, Language, Project } from "../project/project.js"
import type { Applies, Given, Stage, StageKind } from "../run/stage.js"
import { ACCEPTING } from "./accepted.js"
import { isLock, LOCK_FILES } from "./locks.js"
import type { Category, Scanner } from "./scanner.js"
import { scannersOf } from "./scanners.js"
import { scan } from "./stage.js"
import { waivers } from "./waivers-stage.js"

/** Lock files of all languages, and manifests that a scanner reads beside them. */
const PACKAGES = [
  ...LOCK_FILES,
  ...["package.json", "go.sum", "pyproject.toml", "Pipfile"].map((file) => `**/${file}`),
]

const SOURCES = ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs", "py"].map((end) => `**/*.${end}`)
const DOCKERFILES = ["Dockerfile", "dockerfile", "Containerfile"].flatMap((name) => [
  name,
  `${name}.*`,
  `*.${name}`,
])
const INFRASTRUCTURE = ["*.tf", "*.tf.json", "*.tfvars", ...DOCKERFILES].map((file) => `**/${file}`)

/** A category as a kind of stage. */
interface Kind {
  readonly category: Category
  readonly scope?: Language
  readonly because: string
  readonly needs: (project: Project) => readonly string[]
  readonly looksAt: (project: Project) => readonly string[]
  readonly fixes: boolean
  readonly ships?: boolean
  readonly changeOnly?: boolean
  /** Why there is nothing to look at, or null. */
  readonly left: (project: Project) => string | null
}

const always = () => null
const none = () => []

const CATEGORIES: readonly Kind[] = [
  {
    category: "dependencies",
    because: "the lock files",
    needs: none,
    looksAt: (project) => [...PACKAGES, ...[project, ...project.parts].flatMap(manifests)],
    fixes: true,
    ships: true,
    left: (project) =>
      [project, ...project.parts].some(hasManifest) || project.files.some(isLock) ? null : "no lock file",
  },
  {
    category: "code",
    because: "the source files",
    needs: none,
    looksAt: () => SOURCES,
    fixes: false,
    left: always,
  },
  {
    category: "secrets",
    because: "all files",
    needs: none,
    looksAt: () => ["**"],
    fixes: false,
    changeOnly: true,
    left: always,
  },
  {
    category: "infrastructure",
    because: "Terraform files and Dockerfiles",
    needs: none,
    looksAt: () => INFRASTRUCTURE,
    fixes: false,
    left: always,
  },
  {
    category: "licences",
    scope: "node",
    because: "what npm installs",
    needs: (project) => (project.packageManager.name === "npm" ? [installStage(project)] : []),
    looksAt: manifests,
    fixes: false,
    left: (project) => (hasManifest(project) ? null : "no package.json"),
  },
]

const SCANS: readonly StageKind[] = [...CATEGORIES.map(kindOf), imageScan()]

/** Scans of everything that is checked in, built and depended on. */
export const security: readonly StageKind[] = [...SCANS, waivers(SCANS.map(({ kind }) => kind))]

/** The scanners that slipway.yaml names for a category. */
const scannersFor = ({ config: { security } }: Project, category: Category): readonly Scanner[] =>
  scannersOf(category, security.scanners[category])

/** The categories that look for known vulnerabilities. */
const OF_PACKAGES: readonly Category[] = ["dependencies", "image-scan"]

/** Files that a scan reads beside what it looks at: waivers, what is known of vulnerabilities, scanners' own. */
function settingsFiles(project: Project, category: Category): readonly string[] {
  const { security } = project.config
  const known = OF_PACKAGES.includes(category) ? [security.epss ?? [], security.kev ?? []].flat() : []
  const sarif = category === "code" ? security.sarif : []
  const accepting = [...OF_PACKAGES, "infrastructure"].includes(category)
    ? [...ACCEPTING.trivy, ...ACCEPTING.osv]
    : []
  const audits = category === "dependencies" ? ACCEPTING.audits : []
  return [
    ...[security.waivers, ...known, ...sarif].map(escapeGlob),
    ...accepting,
    ...audits,
    ...scannersFor(project, category).flatMap((scanner) => scanner.settingsFiles?.(security) ?? []),
  ]
}

function kindOf({ category, scope, because, needs, looksAt, left, ...rest }: Kind): StageKind {
  return {
    kind: category,
    ...(scope ? { scope } : {}),
    applies(project): Applies {
      const reason = left(project)
      if (reason !== null) return { applies: false, reason }
      const files = looksAt(project)
      const scanners = scannersFor(project, category)
      const name = scope ? stageName(`scan:${category}`, project.root) : `scan:${category}`
      const subject = {
        ...rest,
        stage: name,
        category: name.split(":").slice(1).join("-"),
        scanners,
        looksAt: files,
        image: async () => null,
      }
      const include = [...files, ...settingsFiles(project, category)]
      const stage: Stage = {
        name,
        kind: category,
        needs: needs(project),
        because: `${because}: ${[...new Set(scanners.map(({ tool }) => tool))].join(", ") || "no scanner is configured"}`,
        inputs: { include, exclude: [] },
        run: (given) => scan(subject, given),
      }
      return { applies: true, stages: [stage] }
    },
  }
}

function imageScan(): StageKind {
  const category: Category = "image-scan"
  return {
    kind: category,
    applies(project) {
      const found = project.dockerfiles
      const enabled = settingsOf(project.config, "image").enabled
      return found.length > 0 && enabled
        ? { applies: true, stages: found.map((dockerfile) => imageStage(project, dockerfile)) }
        : {
            applies: false,
            reason: enabled ? "no Dockerfile to build" : "images are disabled in slipway.yaml",
          }
    },
  }
}

function imageStage(project: Project, { file, label }: Dockerfile): Stage {
  const built = ["image", label].filter(Boolean).join(":")
  return scanOf(project, {
    name: ["scan:image", label].filter(Boolean).join(":"),
    needs: [built],
    because: `the image of ${file}`,
    place: file,
    tarball: async (given) => given.from(built).asTarball(),
  })
}

/** An image to be scanned. */
export interface Scanned extends Pick<Stage, "name" | "needs" | "because" | "gate"> {
  /** What its findings are at: its Dockerfile, or its own name. */
  readonly place: string
  readonly tarball: (given: Given) => Promise<File>
}

/** The stage that scans an image, by the scanners and the policy of the project. */
export function scanOf(project: Project, { place, tarball, ...stage }: Scanned): Stage {
  const subject = {
    stage: stage.name,
    category: stage.name.split(":").slice(1).join("-"),
    scanners: scannersFor(project, "image-scan"),
    looksAt: [],
    fixes: true,
    image: async (given: Given) => ({ tarball: await tarball(given), place }),
  }
  return {
    ...stage,
    kind: "image-scan",
    inputs: { include: settingsFiles(project, "image-scan"), exclude: [] },
    run: (given) => scan(subject, given),
  }
}
