import { DATABASES } from "./databases.js"
import { DOCKER } from "./docker.js"
import { MAIL } from "./mail.js"
import { MONGODB } from "./mongodb.js"
import { NODES } from "./node.js"
import { DEBIAN_PYTHON } from "./python.js"
import { PATH, type Recipe } from "./recipe.js"
import { WEB_SERVERS } from "./web.js"

/** Of the official image's packages, those that builds and tests call. */
const BUILD_TOOLS = [
  "curl",
  "file",
  "g++",
  "gcc",
  "git",
  "gnupg",
  "libc6-dev",
  "libffi-dev",
  "libpq-dev",
  "libsqlite3-dev",
  "libssl-dev",
  "make",
  "openssh-client",
  "openssl",
  "patch",
  "pkg-config",
  "procps",
  "python3",
  "unzip",
  "wget",
  "xz-utils",
  "zlib1g-dev",
]

/** What projects and services run on. */
export const RUNTIMES: readonly Recipe[] = [
  {
    name: "debian",
    tag: "bookworm-slim",
    tags: /^(bookworm|12(\.\d+)?)(-slim)?$/,
    purpose: "what the other stand-ins build on",
    seconds: 5,
    standIn: { from: null, env: { PATH }, command: ["bash"] },
  },
  {
    name: "buildpack-deps",
    tag: "bookworm",
    tags: /^(?:bookworm|12)(?:-scm)?$/,
    purpose: "what packages of npm and PyPI are built with, and git",
    seconds: 40,
    standIn: {
      from: "debian",
      apt: BUILD_TOOLS,
      env: { PATH },
      command: ["bash"],
    },
  },
  ...NODES,
  ...DATABASES,
  MONGODB,
  ...DOCKER,
  ...MAIL,
  ...WEB_SERVERS,
  DEBIAN_PYTHON,
  {
    name: "registry",
    tag: "2",
    tags: /^2(\.\d+)*$/,
    purpose: "keeps images, for trying what is done with a registry",
    seconds: 10,
    standIn: {
      from: "debian",
      apt: ["docker-registry"],
      files: {
        "/etc/docker/registry/config.yml":
          "version: 0.1\nstorage: { filesystem: { rootdirectory: /var/lib/registry }, delete: { enabled: true } }\nhttp: { addr: ':5000' }\n",
      },
      env: { PATH },
      command: ["docker-registry", "serve", "/etc/docker/registry/config.yml"],
      ports: [5000],
    },
  },
  {
    name: "mcr.microsoft.com/playwright",
    tag: "v1.57.0-noble",
    tags: /^v1\.\d+\.\d+(-\w+)?$/,
    purpose: "browsers for end-to-end tests and accessibility",
    seconds: 60,
    standIn: {
      from: "node",
      apt: ["chromium", "fonts-liberation", "fonts-noto-color-emoji"],
      env: { PATH, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: "1" },
      command: ["bash"],
    },
  },
]
