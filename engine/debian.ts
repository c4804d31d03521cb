import * as fs from "node:fs"
import * as path from "node:path"
import { HostFault } from "./host/fault.js"
import { logged } from "./host/process.js"

/** The Debian release of the engine's root and of the images made here. */
export const SUITE = "bookworm"

/** What the engine runs with: networking, a runtime for containers, a registry for the images made here. */
export const ENGINE_PACKAGES = [
  "ca-certificates",
  "containernetworking-plugins",
  "dnsmasq-base",
  "docker-registry",
  "git",
  "iproute2",
  "iptables",
  "nftables",
  "pigz",
  "runc",
  "slirp4netns",
  "socat",
  "tini",
]

/** What every image made here starts with. */
export const BASE_PACKAGES = ["ca-certificates"]

const KEYRING = "usr/share/keyrings/debian-archive-keyring.gpg"

/** Where a site's own certificates lie in a root made here: Debian's place for those that packages bring. */
export const SITE_CERTIFICATES = "usr/share/ca-certificates/slipway"

/**
 * The Debian mirror: `$SLIPWAY_DEBIAN_MIRROR`, or the one that this host's apt uses.
 *
 * @param sources the text of the host's apt sources, in either format (sources.list(5)).
 */
export function debianMirror(sources: string, named = process.env.SLIPWAY_DEBIAN_MIRROR): string {
  if (named) return named.replace(/\/$/, "")
  const lines = [...sources.matchAll(/^deb\s+(?:\[[^\]]*\]\s*)?(\S+)\s+\S+\s+(.*)$/gm)].map(
    ([, uri = "", components = ""]) => ({ uri, components }),
  )
  const stanzas = sources.split(/\n\s*\n/).map((stanza) => ({
    uri: /^URIs:\s*(\S+)/m.exec(stanza)?.[1] ?? "",
    components: /^Components:\s*(.*)$/m.exec(stanza)?.[1] ?? "",
  }))
  // Others serve packages for Debian from a folder of that name as well, but none calls them main.
  const own = [...lines, ...stanzas].find(
    ({ uri, components }) => /^https?:\/\/\S+\/debian\/?$/.test(uri) && /\bmain\b/.test(components),
  )
  if (own) return own.uri.replace(/\/$/, "")
  throw new HostFault(
    "tool-missing",
    "the embedded engine is made from Debian's packages, and this host's apt names no Debian mirror",
    "set SLIPWAY_DEBIAN_MIRROR to one, or install Docker and the dagger CLI",
  )
}

/** The text of the host's apt sources, or "" where there are none. */
export function hostSources(): string {
  const parts = "/etc/apt/sources.list.d"
  const files = [
    "/etc/apt/sources.list",
    ...(fs.existsSync(parts)
      ? fs
          .readdirSync(parts)
          .sort()
          .map((f) => path.join(parts, f))
      : []),
  ]
  return files
    .filter((file) => /\.(list|sources)$/.test(file) && fs.existsSync(file))
    .map((file) => fs.readFileSync(file, "utf8"))
    .join("\n\n")
}

/** The lines of sources.list for a mirror, security updates included where it has them beside itself. */
export function sourceLines(mirror: string): readonly string[] {
  const security = mirror.replace(/\/debian$/, "/debian-security")
  return [
    `deb ${mirror} ${SUITE} main`,
    `deb ${mirror} ${SUITE}-updates main`,
    ...(security === mirror ? [] : [`deb ${security} ${SUITE}-security main`]),
  ]
}

/** A certificate authority of this host that distributions do not know. */
export interface Certificate {
  readonly name: string
  readonly pem: string
}

/** The certificates that this host's administrator added, one a file. */
export function siteCertificates(folder = "/usr/local/share/ca-certificates"): readonly Certificate[] {
  if (!fs.existsSync(folder)) return []
  return fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".crt"))
    .sort()
    .map((file) => ({
      name: file.replaceAll("/", "-"),
      pem: fs.readFileSync(path.join(folder, file), "utf8"),
    }))
}

/** Fetches mmdebstrap and Debian's keys into `folder`, without installing anything on the host. */
export async function fetchDebianTools(folder: string, log: string): Promise<readonly string[]> {
  const apt = path.join(folder, "apt")
  for (const sub of ["lists/partial", "cache/archives/partial", "debs"])
    fs.mkdirSync(path.join(apt, sub), { recursive: true })
  const options = [
    "-q",
    "-o",
    `Dir::State::lists=${apt}/lists`,
    "-o",
    `Dir::Cache=${apt}/cache`,
    "-o",
    "APT::Sandbox::User=root",
  ]
  if (!fs.existsSync("/usr/bin/apt-get"))
    throw new HostFault(
      "tool-missing",
      "the embedded engine's file system is made with apt, and this host has none",
      "use a Debian or Ubuntu host, or install Docker and the dagger CLI",
    )
  await logged(["apt-get", ...options, "update"], { log, timeout: 300 })
  const packages = ["mmdebstrap", "debian-archive-keyring"]
  await logged(["apt-get", ...options, "download", ...packages], {
    cwd: path.join(apt, "debs"),
    log,
    timeout: 300,
  })
  for (const deb of fs.readdirSync(path.join(apt, "debs")))
    await logged(["dpkg-deb", "-x", path.join(apt, "debs", deb), folder], { log, timeout: 60 })
  fs.rmSync(apt, { recursive: true })
  return ["usr/bin/mmdebstrap", KEYRING]
}

const UNREAD = ["doc", "man", "locale", "info", "lintian"].map((name) => `/usr/share/${name}/*`)

const EXCLUDED = UNREAD.map((path) => `'path-exclude=${path}'`).join(" ")
const REMOVED = UNREAD.map((path) => `.${path}`).join(" ")

/**
 * Keeps what no program reads out of a root and of all that is installed on it later. As an option of
 * mmdebstrap, its filter would do it from the start, and that one needs Python on the host.
 */
const LEAN = [
  `printf '%s\\n' ${EXCLUDED} >"$1/etc/dpkg/dpkg.cfg.d/slipway"`,
  `cd "$1" && rm -rf ${REMOVED}`,
].join("\n")

/**
 * Makes a Debian root in `folder`/root with the packages and the host's own certificate authorities.
 *
 * The authorities go where packages put theirs. `/usr/local/share/ca-certificates` stays empty: the engine
 * would install its contents in every container, at every exec.
 */
export async function makeRoot(
  folder: string,
  tools: string,
  packages: readonly string[],
  log: string,
): Promise<void> {
  const root = path.join(folder, "root")
  const certificates = path.join(folder, "certificates")
  fs.mkdirSync(certificates)
  for (const { name, pem } of siteCertificates()) fs.writeFileSync(path.join(certificates, name), pem)
  const configure = [
    `mkdir -p "$1/${SITE_CERTIFICATES}"`,
    `cp '${certificates}'/*.crt "$1/${SITE_CERTIFICATES}/" 2>/dev/null || exit 0`,
    `(cd "$1/usr/share/ca-certificates" && ls slipway/*.crt) >>"$1/etc/ca-certificates.conf"`,
    `chroot "$1" update-ca-certificates >/dev/null`,
  ].join("\n")
  await logged(
    [
      "perl",
      path.join(tools, "usr/bin/mmdebstrap"),
      "--mode=root",
      "--variant=minbase",
      `--include=${packages.join(",")}`,
      `--keyring=${path.join(tools, KEYRING)}`,
      "--dpkgopt=force-unsafe-io",
      `--essential-hook=${LEAN}`,
      '--aptopt=Acquire::Retries "3"',
      `--customize-hook=${configure}`,
      SUITE,
      root,
      ...sourceLines(debianMirror(hostSources())),
    ],
    { log, timeout: 900 },
  )
  fs.rmSync(certificates, { recursive: true })
}

/** True where this process may make namespaces and roots: it runs as root. */
export const isRoot = (): boolean => process.getuid?.() === 0
