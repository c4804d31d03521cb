/** Registries of packages, and the packages that lock files of npm name. */
import { parseJson, recordOf } from "../formats/json.js"
import { folderOf } from "../project/manifest.js"
import { joinPath } from "../project/paths.js"
import type { Project } from "../project/project.js"
import type { Texts } from "./images.js"
import type { Single } from "./need.js"

const NPM = "https://registry.npmjs.org/"
const PYPI = "https://pypi.org/simple/"

/** Files of the repository that name registries or packages, as the end of their paths. */
export const FILES = /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|\.npmrc|\.yarnrc\.yml)$/

/** Returns the registry that a scope's packages come from; of no scope, all others. The nearest file counts. */
function registryFor(folder: string, scope: string, texts: Texts): string {
  const names = [`${scope}:registry`, "registry", "npmRegistryServer"]
  for (const name of scope === "" ? names.slice(1) : names)
    for (const at of [folder, ""]) {
      const settings = [".npmrc", ".yarnrc.yml"].map((file) => texts.get(joinPath(at, file)) ?? "")
      const text = settings.join("\n")
      const found = new RegExp(`^\\s*${name}\\s*[=:]\\s*["']?(https?://[^"'\\s]+)`, "m").exec(text)?.[1]
      if (found !== undefined) return found.endsWith("/") ? found : `${found}/`
    }
  return NPM
}

/** Returns the registries of a repository's projects, and of the tools that Slipway brings. */
export function registries(projects: readonly Project[], texts: Texts): readonly Single[] {
  const npm = (from: string, use: string): Single => ({ kind: "registry", name: "npm", from, for: use })
  const pypi = (use: string): Single => ({ kind: "registry", name: "PyPI", from: PYPI, for: use })
  const named = projects.map((project) => ({ project, use: `install of ${project.name}` }))
  return [
    npm(NPM, "Slipway's own tools"),
    ...named.flatMap(({ project, use }) => {
      if (project.language === "node") return [npm(registryFor(project.path, "", texts), use)]
      return project.language === "python" ? [pypi(use)] : []
    }),
  ]
}

/** Returns the packages that package-lock.json files name, each with the address of its archive. */
export const packages = (texts: Texts): readonly Single[] =>
  [...texts].flatMap(([file, text]) =>
    /(?:lock|shrinkwrap)\.json$/.test(file) ? locked(file, text, texts) : [],
  )

function locked(file: string, text: string, texts: Texts): readonly Single[] {
  const entries = Object.entries(recordOf(recordOf(parseJson(text)).packages))
  return entries.flatMap(([place, value]) => {
    const { version, link, resolved, name: alias } = recordOf(value)
    const [, inPlace] = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(place) ?? []
    if (inPlace === undefined || link === true || typeof version !== "string") return []
    // From git, or a file of the repository.
    if (typeof resolved === "string" && !/^https?:/.test(resolved)) return []
    const name = typeof alias === "string" ? alias : inPlace
    const [scope = ""] = name.startsWith("@") ? name.split("/") : []
    const from = registryFor(folderOf(file) ?? "", scope, texts)
    const archive = `${from}${name}/-/${name.replace(/^.*\//, "")}-${version}.tgz`
    return [{ kind: "package", name: `${name}@${version}`, from: archive, for: file }]
  })
}
