import type { File } from "@dagger.io/dagger"
import { settingsOf } from "../config/stage-settings.js"
import { escapeGlob, filesBelow } from "../formats/glob.js"
import { INSTALL } from "../project/install.js"
import { hasManifest, manifests } from "../project/packages.js"
import type { Project, Workspace } from "../project/project.js"
import type { Applies, Given, Stage, StageKind } from "../run/stage.js"
import { SEMGREP_SETTINGS } from "../tools/semgrep.js"
import type { Scanner } from "./scanner.js"
import { type Category, SCANNERS } from "./scanners.js"
import { scan } from "./stage.js"
import { waivers } from "./waivers-stage.js"

/** Lock files and manifests of all languages that a scanner reads. */
const PACKAGES = [
  "package-lock.json",
  "npm-shrinkwrap.json",
  "pnpm-lock.yaml",
  "yarn.lock",
  "requirements*.txt",
  "poetry.lock",
  "uv.lock",
  "Pipfile.lock",
  "go.mod",
  "go.sum",
  "Cargo.lock",
  "pom.xml",
  "gradle.lockfile",
  "composer.lock",
  "Gemfile.lock",
].map((file) => `**/${file}`)

const SOURCES = ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs", "py"].map((end) => `**/*.${end}`)
const INFRASTRUCTURE = ["*.tf", "*.tf.json", "*.tfvars", "Dockerfile", "Dockerfile.*", "*.Dockerfile"].map(
  (file) => `**/${file}`,
)

/** What each category comes to. */
interface Kind {
  readonly because: string
  readonly needs: readonly string[]
  readonly looksAt: (project: Project) => readonly string[]
  readonly fixes: boolean
  /** Why there is nothing to look at, or null. */
  readonly left: (project: Project) => string | null
}

const always = () => null

const CATEGORIES: Readonly<Record<Exclude<Category, "image-scan">, Kind>> = {
  dependencies: {
    because: "the lock files",
    needs: [],
    looksAt: (project) => [...PACKAGES, ...manifests(project)],
    fixes: true,
    left: (project) =>
      hasManifest(project) ||
      project.rootFiles.some((file) => PACKAGES.some((glob) => glob.endsWith(`/${file}`)))
        ? null
        : "there is no lock file",
  },
  code: {
    because: "the source files",
    needs: [],
    looksAt: () => SOURCES,
    fixes: false,
    left: always,
  },
  secrets: {
    because: "all files",
    needs: [],
    looksAt: () => ["**"],
    fixes: false,
    left: always,
  },
  infrastructure: {
    because: "Terraform files and Dockerfiles",
    needs: [],
    looksAt: () => INFRASTRUCTURE,
    fixes: false,
    left: always,
  },
  licences: {
    because: "what npm installs",
    needs: [INSTALL],
    looksAt: manifests,
    fixes: false,
    left: withoutNpm,
  },
}

/** Why there is no tree of packages that npm installed, or null. */
function withoutNpm(project: Project): string | null {
  if (!hasManifest(project)) return "there is no package.json"
  if (project.packageManager === "npm") return null
  return `it reads what npm installed, and the project uses ${project.packageManager}`
}

/** Scans of everything that is checked in, built and depended on. */
export const security: readonly StageKind[] = [
  ...Object.entries(CATEGORIES).map(([category, kind]) => kindOf(category, kind)),
  imageScan(),
  waivers((project) => scans(project).map(({ name }) => name)),
]

function scans(project: Project): readonly Stage[] {
  return security
    .filter(({ kind }) => kind in SCANNERS && settingsOf(project.config, kind).enabled)
    .map((kind) => kind.applies(project))
    .flatMap((applies) => (applies.applies ? applies.stages : []))
}

/** The scanners that slipway.yaml names for a category. */
const scannersOf = (project: Project, category: string): readonly Scanner[] => {
  const named =
    Object.entries(project.config.security.scanners).find(([name]) => name === category)?.[1] ?? []
  const table: Readonly<Record<string, readonly Scanner[]>> =
    Object.entries(SCANNERS).find(([name]) => name === category)?.[1] ?? {}
  return Object.entries(table).flatMap(([name, scanners]) =>
    named.some((one) => one === name) ? scanners : [],
  )
}

/** Files that any scan reads beside what it looks at: who is excused, what is known, databases. */
function settingsFiles({ config: { security } }: Project, category: string): readonly string[] {
  const folders = Object.values(security.databases).flatMap((one) =>
    "folder" in one ? (one.folder ?? []) : [],
  )
  const packages = category === "dependencies" || category === "image-scan"
  return [
    escapeGlob(security.waivers),
    ...(packages
      ? [...[security.epss ?? [], security.kev ?? []].flat().map(escapeGlob), ...folders.map(filesBelow)]
      : []),
    ...(category === "code" ? [...SEMGREP_SETTINGS, ...security.sarif.map(escapeGlob)] : []),
  ]
}

function kindOf(category: string, { because, needs, looksAt, fixes, left }: Kind): StageKind {
  const name = `scan:${category}`
  return {
    kind: category,
    applies(project): Applies {
      const reason = left(project)
      if (reason !== null) return { applies: false, reason }
      const files = looksAt(project)
      const scanners = scannersOf(project, category)
      const subject = { stage: name, category, scanners, looksAt: files, fixes, image: async () => null }
      const include = [...files, ...settingsFiles(project, category)]
      const stage: Stage = {
        name,
        kind: category,
        needs,
        because: `${because}: ${[...new Set(scanners.map(({ tool }) => tool))].join(", ") || "no scanner is named"}`,
        inputs: { include, exclude: [] },
        run: (given) => scan(subject, given),
      }
      return { applies: true, stages: [stage] }
    },
  }
}

function imageScan(): StageKind {
  const category = "image-scan"
  return {
    kind: category,
    applies(project) {
      const found = [project.root, ...project.workspaces].filter(({ dockerfile }) => dockerfile !== null)
      const enabled = settingsOf(project.config, "image").enabled
      return found.length > 0 && enabled
        ? { applies: true, stages: found.map((workspace) => imageStage(project, workspace)) }
        : { applies: false, reason: enabled ? "there is no Dockerfile" : "slipway.yaml turns the images off" }
    },
  }
}

function imageStage(project: Project, workspace: Workspace): Stage {
  const [built, end] = workspace.path === "" ? ["image", ""] : [`image:${workspace.name}`, workspace.name]
  return scanOf(project, {
    name: ["scan:image", end].filter(Boolean).join(":"),
    needs: [built],
    because: `the image of ${workspace.dockerfile}`,
    place: workspace.dockerfile ?? "",
    tarball: async (given) => given.from(built).asTarball(),
  })
}

/** An image to be scanned. */
export interface Scanned extends Pick<Stage, "name" | "needs" | "because"> {
  /** What its findings are at: its Dockerfile, or its own name. */
  readonly place: string
  readonly tarball: (given: Given) => Promise<File>
}

/** The stage that scans an image, by the scanners and the policy of the project. */
export function scanOf(project: Project, { place, tarball, ...stage }: Scanned): Stage {
  const subject = {
    stage: stage.name,
    category: stage.name.split(":").slice(1).join("-"),
    scanners: scannersOf(project, "image-scan"),
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
