import { PATH, type Recipe } from "./recipe.js"

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

function node(major: keyof typeof NODE): Recipe {
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
  {
    name: "python",
    tag: "3.11-slim-bookworm",
    tags: /^3(\.11(\.\d+)?)?(-slim)?(-bookworm)?$/,
    purpose: "runs Python projects and tools",
    seconds: 25,
    standIn: {
      from: "debian",
      apt: ["python3", "python3-pip", "python3-venv"],
      run: [
        "ln -s python3 /usr/bin/python",
        // Debian keeps pip from touching its own packages; in this image there is nothing else to touch.
        "rm -f /usr/lib/python3.11/EXTERNALLY-MANAGED",
      ],
      env: { PATH, PYTHONUNBUFFERED: "1", PIP_ROOT_USER_ACTION: "ignore" },
      command: ["python3"],
    },
  },
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
