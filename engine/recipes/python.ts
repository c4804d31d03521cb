import { PYTHON_MINORS } from "../../ci/src/project/config.js"
import { type Family, PATH, type Recipe } from "./recipe.js"
import { alpineTools } from "./starts.js"

/** The releases of Debian that the official image is built on: what differs between them does not show here. */
const DEBIAN = "(?:trixie|bookworm|bullseye)"

/** The kinds of the official image, with what follows the version in their tags. */
const TAGS = {
  "slim-bookworm": `slim(?:-${DEBIAN})?`,
  bookworm: DEBIAN,
  alpine: "alpine(?:3\\.\\d+)?",
} as const
type Flavour = keyof typeof TAGS

/** The version that a tag without a number means. */
const NEWEST = PYTHON_MINORS[PYTHON_MINORS.length - 1]

const ENVIRONMENT = { PATH, PYTHONUNBUFFERED: "1", PIP_ROOT_USER_ACTION: "ignore" }

/** Matches the tags of a minor version in a flavour. The newest needs no number, and a full image no flavour. */
function tagsOf(minor: string, flavour: Flavour): RegExp {
  const newest = minor === NEWEST
  const version = `(?:${minor.replace(".", "\\.")}(?:\\.\\d+)?${newest ? "|3|latest" : ""})`
  const numbered = `${version}${flavour === "bookworm" ? `(?:-${TAGS[flavour]})?` : `-${TAGS[flavour]}`}`
  return new RegExp(newest ? `^(?:${numbered}|${TAGS[flavour]})$` : `^${numbered}$`)
}

/** One for each minor version: what differs between patch releases does not show here. */
const python = (minor: string, purpose: string, standIn: Partial<Recipe["standIn"]>): Recipe => ({
  name: "python",
  tag: `${minor}-slim-bookworm`,
  tags: tagsOf(minor, "slim-bookworm"),
  purpose,
  seconds: 35,
  standIn: { from: "debian", env: ENVIRONMENT, command: ["python3"], ...standIn },
})

const inFlavour = (recipe: Recipe, flavour: Flavour, standIn: Partial<Recipe["standIn"]>): Recipe => {
  const minor = recipe.tag.replace("-slim-bookworm", "")
  return {
    ...recipe,
    tag: `${minor}-${flavour}`,
    tags: tagsOf(minor, flavour),
    standIn: { ...recipe.standIn, ...standIn },
  }
}

/** With git and a compiler, which packages are built with. */
const withBuildTools = (recipe: Recipe): Recipe =>
  inFlavour(recipe, "bookworm", {
    from: "buildpack-deps",
    ...(recipe.standIn.apt ? { apt: [...recipe.standIn.apt, "python3-dev"] } : {}),
  })

/** With Alpine's tools, for Dockerfiles that call them. */
const onAlpine = (recipe: Recipe): Recipe =>
  inFlavour(recipe, "alpine", { files: { ...recipe.standIn.files, ...alpineTools() } })

/** Debian's own: what tools of Slipway run on. */
export const DEBIAN_PYTHON = python("3.11", "runs Python projects and tools", {
  apt: ["python3", "python3-pip", "python3-venv"],
  run: [
    "ln -s python3 /usr/bin/python",
    // Debian keeps pip from touching its own packages; in this image there is nothing else to touch.
    "rm -f /usr/lib/python3.11/EXTERNALLY-MANAGED",
  ],
})

/** Debian's release before the one that images here build on, with its Python. */
const OLD_PYTHON = python("3.9", "Python 3.9.2 of Debian 11", {
  // Of this Python, pip knows its own list of authorities alone.
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
})

/** The newest releases of other minor versions that the Go module mirror has, by their module's version. */
const RELEASES: Readonly<Record<string, { readonly release: string; readonly sum: string }>> = {
  "3.10": { release: "3.10.16-20241219-1", sum: "h1:bfJRrtWlbdrPtwXXXZzA95yj2Pr9AvSbxDEm8YvbaP0=" },
  "3.12": { release: "3.12.3-20240415-1", sum: "h1:IX2O3LJUL0AjYsROGZ4aNENTEb3c/Ll/0b9Yb/8P61Q=" },
  "3.13": { release: "3.13.1-20241219-1", sum: "h1:x1cSEj4Ug5mpuZgUHLvUmlc5r//KHFn6iYiRSrRcVy4=" },
  "3.14": { release: "3.14.6-20260610-1", sum: "h1:oGUS7++Wm3LgxUfD6AmJgKbKQD2wdQFO9PzyJv6T+E4=" },
}

const PYTHONS: readonly Recipe[] = [
  DEBIAN_PYTHON,
  OLD_PYTHON,
  ...Object.entries(RELEASES).map(([minor, release]) =>
    python(minor, `Python ${release.release.split("-")[0]}`, { python: release }),
  ),
]

const ALL: readonly Recipe[] = [...PYTHONS, ...PYTHONS.map(withBuildTools), ...PYTHONS.map(onAlpine)]

/** Python in the minor versions that mirrors carry. */
export const PYTHON_FAMILY: Family = {
  name: "python",
  shown: `${PYTHON_MINORS[0]} to ${NEWEST}`,
  purpose: "runs Python projects on their minor version",
  like: PYTHONS.find(({ standIn }) => standIn.python !== undefined) ?? DEBIAN_PYTHON,
  of: (tag) => ALL.find((one) => one.tags.test(tag)) ?? null,
}
