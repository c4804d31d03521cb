import { PYTHON_MINORS } from "../../ci/src/project/config.js"
import { ALPINE, type Family, type GoPython, PATH, type Recipe, type StandIn } from "./recipe.js"
import { alpineTools } from "./starts.js"

/** The releases of Debian that the official image is built on: what differs between them does not show here. */
const DEBIAN = "(?:trixie|bookworm|bullseye)"

/** The kinds of the official image: without what packages are built with, with it, and on Alpine. */
const FLAVOURS = ["slim-bookworm", "bookworm", "alpine"] as const
type Flavour = (typeof FLAVOURS)[number]

/** What follows the version in a flavour's tags. */
const TAGS: Readonly<Record<Flavour, string>> = {
  "slim-bookworm": `slim(?:-${DEBIAN})?`,
  bookworm: DEBIAN,
  alpine: ALPINE,
}

/** The version that a tag without a number names. */
const NEWEST = PYTHON_MINORS[PYTHON_MINORS.length - 1]

const ENVIRONMENT = { PATH, PYTHONUNBUFFERED: "1", PIP_ROOT_USER_ACTION: "ignore" }

/** Matches the tags of a minor version in a flavour. The newest needs no number, and a full image no flavour. */
function tagsOf(minor: string, flavour: Flavour): RegExp {
  const newest = minor === NEWEST
  const version = `(?:${minor.replace(".", "\\.")}(?:\\.\\d+)?${newest ? "|3|latest" : ""})`
  const after = flavour === "bookworm" ? `(?:-${TAGS[flavour]})?` : `-${TAGS[flavour]}`
  return new RegExp(newest ? `^(?:${version}${after}|${TAGS[flavour]})$` : `^${version}${after}$`)
}

/** A minor version: what differs between its patch releases does not show here. */
interface Version {
  readonly minor: string
  readonly purpose: string
  /** How it is installed. */
  readonly standIn: Partial<StandIn>
}

/** What a flavour adds: git and a compiler, which packages are built with; Alpine's tools, which Dockerfiles call. */
const ADDED: Readonly<Record<Flavour, (standIn: Partial<StandIn>) => Partial<StandIn>>> = {
  "slim-bookworm": () => ({}),
  bookworm: ({ apt }) => ({ from: "buildpack-deps", ...(apt ? { apt: [...apt, "python3-dev"] } : {}) }),
  alpine: () => ({ files: alpineTools() }),
}

const python = ({ minor, purpose, standIn }: Version, flavour: Flavour): Recipe => ({
  name: "python",
  tag: `${minor}-${flavour}`,
  tags: tagsOf(minor, flavour),
  purpose,
  seconds: 35,
  standIn: { from: "debian", env: ENVIRONMENT, command: ["python3"], ...standIn, ...ADDED[flavour](standIn) },
})

const OF_DEBIAN: Version = {
  minor: "3.11",
  purpose: "runs Python projects and tools",
  standIn: {
    apt: ["python3", "python3-pip", "python3-venv"],
    run: [
      "ln -s python3 /usr/bin/python",
      // Debian keeps pip from touching its own packages; in this image there is nothing else to touch.
      "rm -f /usr/lib/python3.11/EXTERNALLY-MANAGED",
    ],
  },
}

/** The Python of the Debian release before the one that images here build on. */
const OF_OLD_DEBIAN: Version = {
  minor: "3.9",
  purpose: "Python 3.9.2 of Debian 11",
  standIn: {
    // This Python's pip knows only its own list of authorities.
    env: { ...ENVIRONMENT, PIP_CERT: "/etc/ssl/certs/ca-certificates.crt" },
    run: [
      [
        "sed s/bookworm/bullseye/g /etc/apt/sources.list >/etc/apt/sources.list.d/bullseye.list",
        // Libraries stay those of the newer release.
        "printf 'Package: python* libpython*\\nPin: release n=bullseye*\\nPin-Priority: 1001\\n' >/etc/apt/preferences.d/python",
        "apt-get update -q",
        "DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends --allow-downgrades python3 python3-distutils python3-pip python3-venv",
        "rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /etc/apt/sources.list.d/bullseye.list",
      ].join(" && "),
      "ln -s python3 /usr/bin/python",
      "python3 -m pip install --quiet --upgrade pip",
    ],
  },
}

/** The newest releases of other minor versions that the Go module mirror has, by their module's version. */
const RELEASES: Readonly<Record<string, GoPython>> = {
  "3.10": { release: "3.10.16-20241219-1", sum: "h1:bfJRrtWlbdrPtwXXXZzA95yj2Pr9AvSbxDEm8YvbaP0=" },
  "3.12": { release: "3.12.3-20240415-1", sum: "h1:IX2O3LJUL0AjYsROGZ4aNENTEb3c/Ll/0b9Yb/8P61Q=" },
  "3.13": { release: "3.13.1-20241219-1", sum: "h1:x1cSEj4Ug5mpuZgUHLvUmlc5r//KHFn6iYiRSrRcVy4=" },
  "3.14": { release: "3.14.6-20260610-1", sum: "h1:oGUS7++Wm3LgxUfD6AmJgKbKQD2wdQFO9PzyJv6T+E4=" },
}

const VERSIONS: readonly Version[] = [
  OF_DEBIAN,
  OF_OLD_DEBIAN,
  ...Object.entries(RELEASES).map(([minor, release]) => ({
    minor,
    purpose: `Python ${release.release.split("-")[0]}`,
    standIn: { python: release },
  })),
]

/** Debian's own: what tools of Slipway run on. */
export const DEBIAN_PYTHON = python(OF_DEBIAN, "slim-bookworm")

const ALL: readonly Recipe[] = FLAVOURS.flatMap((flavour) =>
  VERSIONS.map((version) => python(version, flavour)),
)

/** Python in the minor versions that mirrors carry. */
export const PYTHON_FAMILY: Family = {
  name: "python",
  shown: `${PYTHON_MINORS[0]} to ${NEWEST}`,
  purpose: "runs Python projects on their minor version",
  like: ALL.find(({ standIn }) => standIn.python !== undefined) ?? DEBIAN_PYTHON,
  of: (tag) => ALL.find((one) => one.tags.test(tag)) ?? null,
}
