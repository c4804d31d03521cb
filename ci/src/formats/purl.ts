/** Package URLs in their one canonical form, and what makes two of them the same package. */
import { PackageURL } from "packageurl-js"

/** Which type and namespace of package URLs a tool's word for a kind of package means: `deb/debian`. */
const KINDS: Readonly<Record<string, string>> = {
  "node-pkg": "npm",
  bun: "npm",
  javascript: "npm",
  pnpm: "npm",
  yarn: "npm",
  pip: "pypi",
  pipenv: "pypi",
  poetry: "pypi",
  pylock: "pypi",
  "python-pkg": "pypi",
  uv: "pypi",
  "conda-environment": "conda",
  "conda-pkg": "conda",
  go: "golang",
  gobinary: "golang",
  golangdep: "golang",
  golangmodules: "golang",
  gomod: "golang",
  gomodules: "golang",
  govendor: "golang",
  gradle: "maven",
  jar: "maven",
  pom: "maven",
  sbt: "maven",
  "crates.io": "cargo",
  rustbinary: "cargo",
  bundler: "gem",
  gemspec: "gem",
  rubygems: "gem",
  "composer-vendor": "composer",
  packagist: "composer",
  "dotnet-core": "nuget",
  "packages-props": "nuget",
  paket: "nuget",
  conancenter: "conan",
  "github actions": "github",
  swifturl: "swift",
  alpine: "apk/alpine",
  chainguard: "apk/chainguard",
  wolfi: "apk/wolfi",
  debian: "deb/debian",
  echo: "deb/echo",
  ubuntu: "deb/ubuntu",
  alma: "rpm/alma",
  almalinux: "rpm/alma",
  amazon: "rpm/amazon",
  azurelinux: "rpm/azurelinux",
  "cbl-mariner": "rpm/cbl-mariner",
  centos: "rpm/centos",
  fedora: "rpm/fedora",
  mageia: "rpm/mageia",
  opensuse: "rpm/opensuse",
  "opensuse-leap": "rpm/opensuse",
  "opensuse-tumbleweed": "rpm/opensuse",
  oracle: "rpm/oracle",
  photon: "rpm/photon",
  "photon os": "rpm/photon",
  "red hat": "rpm/redhat",
  redhat: "rpm/redhat",
  rocky: "rpm/rocky",
  "rocky linux": "rpm/rocky",
  slem: "rpm/suse",
  sles: "rpm/suse",
  suse: "rpm/suse",
}

/** What stands between the namespace and the name of a package, where it is no slash. */
const SEPARATORS: Readonly<Record<string, string>> = { maven: ":" }

/**
 * Returns the package URL of a package as a scanner names it: `pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1`
 * for `log4j-core` of a Gradle project.
 *
 * @param kind the scanner's word for the ecosystem or package manager: `PyPI`, `Debian:12`, `gomod`.
 * @param name with the namespace in front, as the ecosystem writes it: `@scope/name`, `group:artifact`.
 * @see https://github.com/package-url/purl-spec/blob/main/PURL-TYPES.rst
 */
export function packageUrl(kind: string, name: string, version: string | null): string {
  const word = kind.toLowerCase().replace(/:.*/, "")
  const [type = "", distribution] = (KINDS[word] ?? word).split("/")
  const at = name.lastIndexOf(SEPARATORS[type] ?? "/")
  const namespace = at > 0 ? name.slice(0, at) : distribution
  // Go's module versions begin with a "v", https://go.dev/ref/mod#versions, which not every scanner prints.
  const known = type === "golang" ? version?.replace(/^(?=\d+\.\d+\.\d)/, "v") : version
  try {
    return new PackageURL(type, namespace, name.slice(at + 1), known).toString()
  } catch {
    return new PackageURL("generic", null, name || "unknown", version).toString()
  }
}

/** Returns a package URL in its canonical form, or null for an invalid one. */
export function canonicalPurl(text: string): string | null {
  try {
    return parse(text).toString()
  } catch {
    return null
  }
}

/** @throws for a text that is no package URL. */
function parse(text: string): PackageURL {
  const purl = PackageURL.fromString(text.trim())
  const { type, namespace, name, version, qualifiers, subpath } = purl
  const at = name.lastIndexOf("/")
  // OWASP Dependency-Check encodes the slash between a scope and a name: `pkg:npm/%40scope%2Fname`.
  return namespace === undefined && at > 0 && type !== "generic"
    ? new PackageURL(type, name.slice(0, at), name.slice(at + 1), version, qualifiers, subpath)
    : purl
}

/** How the names of a type are written in more ways than the specification of package URLs makes one of. */
const FOLDED: Readonly<Record<string, (name: string) => string>> = {
  golang: (name) => name.toLowerCase(),
  nuget: (name) => name.toLowerCase(),
  // https://packaging.python.org/specifications/name-normalization/
  pypi: (name) => name.replace(/[-_.]+/g, "-"),
}

/** What two package URLs share that mean the same package, with its version and without. */
export interface PackageKey {
  readonly anyVersion: string
  /** The same as `anyVersion` where the package URL has no version. */
  readonly exact: string
}

/** Returns what to compare package URLs by. Qualifiers such as `arch` and `distro`, and subpaths, do not count. */
export function packageKey(purl: string): PackageKey {
  try {
    const { type, namespace, name, version, qualifiers } = parse(purl)
    const fold = FOLDED[type] ?? ((text: string) => text)
    const path = [...(namespace?.split("/") ?? []), name].map((part) => encodeURIComponent(fold(part)))
    const anyVersion = `pkg:${type}/${path.join("/")}`
    const epoch = qualifiers?.epoch ? `${qualifiers.epoch}:` : ""
    const exact = type === "golang" ? version?.replace(/^v(?=\d)/, "") : version
    return { anyVersion, exact: exact ? `${anyVersion}@${epoch}${exact}` : anyVersion }
  } catch {
    return { anyVersion: purl, exact: purl }
  }
}
