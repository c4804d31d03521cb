/**
 * The one list of images: what Slipway runs, under which name, and how an engine without an image registry
 * makes a stand-in for it from package mirrors.
 */

/** How a stand-in is made. Plain data: the steps run in the order of the fields. */
export interface StandIn {
  /** Name of the image it builds on, or null for the Debian root that the engine's host made. */
  readonly from: string | null
  /** Debian packages. */
  readonly apt?: readonly string[]
  /** npm packages by the folder that their contents go to. `{arch}` is the machine's, as Node.js names it. */
  readonly npm?: Readonly<Record<string, string>>
  /** Text files by path; a path under a `bin` folder is made executable. */
  readonly files?: Readonly<Record<string, string>>
  /** Shell commands. */
  readonly run?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
  readonly user?: string
  readonly workdir?: string
  readonly ports?: readonly number[]
}

/** An image that stages use, or that an app's Dockerfile starts from. */
export interface Image {
  /** Name on Docker Hub, without `library/`. */
  readonly name: string
  /** The tag that Slipway itself asks for. */
  readonly tag: string
  /** Tags that the stand-in answers to: what differs between them does not show here. */
  readonly tags: RegExp
  readonly purpose: string
  /** About how long the stand-in takes to make, in seconds. */
  readonly seconds: number
  /** True where a stand-in is built from source, and only when somebody asks for what runs on it. */
  readonly onDemand?: boolean
  readonly standIn: StandIn
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

const POSTGRES_START = `#!/bin/sh
# Starts PostgreSQL as the official image does: on an empty data folder it makes the cluster, the user and the
# database that the environment names.
set -e
PGDATA=\${PGDATA:-/var/lib/postgresql/data}
user=\${POSTGRES_USER:-postgres}
database=\${POSTGRES_DB:-$user}
mkdir -p "$PGDATA" /var/run/postgresql
chown postgres "$PGDATA" /var/run/postgresql
chmod 700 "$PGDATA"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
	if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
		echo "Error: Database is uninitialized and superuser password is not specified. Set POSTGRES_PASSWORD." >&2
		exit 1
	fi
	umask 077
	printf '%s\\n' "\${POSTGRES_PASSWORD:-unused}" >/tmp/password
	chown postgres /tmp/password
	gosu postgres initdb -D "$PGDATA" -U "$user" --pwfile=/tmp/password --no-sync $POSTGRES_INITDB_ARGS >/dev/null
	rm /tmp/password
	echo "host all all all \${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >>"$PGDATA/pg_hba.conf"
	if [ "$database" != postgres ]; then
		echo "CREATE DATABASE \\"$database\\"" | gosu postgres postgres --single -D "$PGDATA" postgres >/dev/null
	fi
fi
[ "\${1#-}" = "$1" ] || set -- postgres "$@"
exec gosu postgres "$@" -D "$PGDATA" -c listen_addresses='*'
`

const NGINX_CONFIGURATION = `pid /tmp/nginx.pid;
error_log /dev/stderr notice;
events { worker_connections 1024; }
http {
	include /etc/nginx/mime.types;
	default_type application/octet-stream;
	access_log /dev/stdout;
	client_body_temp_path /tmp/client_temp;
	proxy_temp_path /tmp/proxy_temp;
	fastcgi_temp_path /tmp/fastcgi_temp;
	uwsgi_temp_path /tmp/uwsgi_temp;
	scgi_temp_path /tmp/scgi_temp;
	sendfile on;
	include /etc/nginx/conf.d/*.conf;
}
`

const NGINX_SITE = `server {
	listen 8080;
	root /usr/share/nginx/html;
}
`

/** Node.js releases whose stand-ins are known, by major version: the npm packages that carry them. */
const NODE = { "20": "20.20.2", "22": "22.23.3", "24": "24.21.0" } as const

function node(major: keyof typeof NODE): Image {
  return {
    name: "node",
    tag: `${major}-bookworm-slim`,
    tags: new RegExp(`^${major}(\\.\\d+)*(-bookworm)?(-slim)?$`),
    purpose: `runs the project's own tools on Node.js ${major}`,
    seconds: 15,
    standIn: {
      from: "debian",
      npm: {
        "/usr/local": `node-linux-{arch}@${NODE[major]}`,
        "/usr/local/lib/node_modules/npm": "npm@10.9.9",
      },
      run: [
        "ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm",
        "ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx",
        "chmod 755 /usr/local/lib/node_modules/npm/bin/*-cli.js",
        "useradd --create-home --uid 1000 --shell /bin/bash node",
      ],
      // Node.js carries its own list of authorities; the system's has the site's as well.
      env: { PATH, NODE_VERSION: NODE[major], NODE_OPTIONS: "--use-openssl-ca" },
      command: ["node"],
    },
  }
}

export const IMAGES: readonly Image[] = [
  {
    name: "debian",
    tag: "bookworm-slim",
    tags: /^(bookworm|12(\.\d+)?)(-slim)?$/,
    purpose: "what the other stand-ins build on",
    seconds: 5,
    standIn: { from: null, env: { PATH }, command: ["bash"] },
  },
  // The first of a name is the one to take where no version is asked for.
  node("22"),
  node("20"),
  node("24"),
  {
    name: "postgres",
    tag: "15-alpine",
    tags: /^15(\.\d+)?(-alpine|-bookworm)?$/,
    purpose: "the database of integration tests",
    seconds: 20,
    standIn: {
      from: "debian",
      apt: ["postgresql-15", "gosu"],
      files: { "/usr/local/bin/docker-entrypoint.sh": POSTGRES_START },
      run: ["rm -rf /var/lib/postgresql/15"],
      env: {
        PATH: `/usr/lib/postgresql/15/bin:${PATH}`,
        PGDATA: "/var/lib/postgresql/data",
        LANG: "C.UTF-8",
      },
      entrypoint: ["docker-entrypoint.sh"],
      command: ["postgres"],
      ports: [5432],
    },
  },
  {
    name: "redis",
    tag: "7-alpine",
    tags: /^7(\.\d+)*(-alpine|-bookworm)?$/,
    purpose: "the cache or queue of integration tests",
    seconds: 10,
    standIn: {
      from: "debian",
      apt: ["redis-server"],
      env: { PATH },
      command: ["redis-server", "--bind", "*", "--protected-mode", "no"],
      ports: [6379],
    },
  },
  {
    name: "nginxinc/nginx-unprivileged",
    tag: "1.27-alpine",
    tags: /^1\.\d+(\.\d+)?(-alpine|-bookworm)?$/,
    purpose: "serves built frontends in the images of apps",
    seconds: 10,
    standIn: {
      from: "debian",
      apt: ["nginx-light"],
      files: {
        "/etc/nginx/nginx.conf": NGINX_CONFIGURATION,
        "/etc/nginx/conf.d/default.conf": NGINX_SITE,
      },
      run: ["groupadd --gid 101 nginx; useradd --uid 101 --gid nginx --no-create-home nginx"],
      env: { PATH },
      user: "101",
      command: ["nginx", "-g", "daemon off;"],
      ports: [8080],
    },
  },
]

/** The image of the list that a Docker Hub repository and tag name, or null. */
export function findImage(repository: string, tag: string): Image | null {
  const name = repository.replace(/^library\//, "")
  return IMAGES.find((image) => image.name === name && image.tags.test(tag)) ?? null
}

/** A reference's name, and its tag with any digest, where it has one: `python`, `3.13-slim`. */
export function nameAndTag(reference: string): readonly [name: string, tag: string | undefined] {
  const colon = reference.indexOf(":", reference.lastIndexOf("/") + 1)
  return colon === -1 ? [reference, undefined] : [reference.slice(0, colon), reference.slice(colon + 1)]
}

/** A name of another registry than Docker Hub begins with its host. */
const ELSEWHERE = /^(?:localhost|[^/]*[.:][^/]*)\//

/** Where a site gets its images from instead of Docker Hub. */
export interface ImageSource {
  /** Put before every name: `registry.example.org/hub`. */
  readonly prefix: string | null
  /** A whole reference for a name, before all else. */
  readonly overrides: Readonly<Record<string, string>>
}

/**
 * The reference of an image to run.
 *
 * @param tag another tag than the list's own, for a version that the project asks for.
 */
export function imageReference(name: string, source: ImageSource, tag?: string): string {
  const known = IMAGES.find((image) => image.name === name)
  const reference = `${name}:${tag ?? known?.tag ?? "latest"}`
  const moved = source.prefix !== null && !ELSEWHERE.test(name)
  return source.overrides[name] ?? (moved ? `${source.prefix}/${reference}` : reference)
}
