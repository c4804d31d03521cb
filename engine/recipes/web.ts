import { PATH, type Recipe } from "./recipe.js"
import { alpineTools, startedBy } from "./starts.js"

/** What both images of nginx have: the lines that differ are those of the process's user. */
const configuration = (first: string): string => `${first}
error_log /dev/stderr notice;
events { worker_connections 1024; }
http {
	include /etc/nginx/mime.types;
	default_type application/octet-stream;
	access_log /dev/stdout;
	sendfile on;
	keepalive_timeout 65;
	include /etc/nginx/conf.d/*.conf;
}
`

const UNPRIVILEGED = `pid /tmp/nginx.pid;`
/** An unprivileged process writes nowhere else. */
const TEMPORARY = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
  .map((name) => `\t${name}_temp_path /tmp/${name}_temp;\n`)
  .join("")

const site = (port: number): string => `server {
	listen ${port};
	root /usr/share/nginx/html;
}
`

/** `envsubst`, without what Debian packs beside it: libraries for Java, which no image of nginx has. */
const GETTEXT = [
  "apt-get update -q",
  `DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends ${["java", "maven-repo"]
    .map((folder) => `-o Dpkg::Options::='--path-exclude=/usr/share/${folder}/*'`)
    .join(" ")} gettext-base`,
  "rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin",
].join(" && ")

const nginx = (
  recipe: Pick<Recipe, "name" | "tag" | "purpose">,
  port: number,
  main: string,
  user?: string,
): Recipe => ({
  ...recipe,
  tags: /^(?:latest|stable|mainline|1(?:\.\d+){0,2})?(?:(?:^|-)(?:alpine(?:3\.\d+)?|slim|bookworm|trixie|bullseye|perl))*$/,
  seconds: 10,
  standIn: {
    from: "debian",
    apt: ["nginx-light"],
    files: {
      "/etc/nginx/nginx.conf": main,
      "/etc/nginx/conf.d/default.conf": site(port),
      ...startedBy("nginx"),
      ...alpineTools(),
    },
    run: [
      GETTEXT,
      "groupadd --gid 101 nginx; useradd --uid 101 --gid nginx --no-create-home nginx",
      ...(user ? ["chown -R 101:101 /etc/nginx/conf.d"] : []),
    ],
    env: { PATH },
    ...(user ? { user } : {}),
    entrypoint: ["docker-entrypoint.sh"],
    command: ["nginx", "-g", "daemon off;"],
    ports: [port],
  },
})

/** What serves files, and the small tools that images are built with. */
export const WEB_SERVERS: readonly Recipe[] = [
  nginx(
    {
      name: "nginxinc/nginx-unprivileged",
      tag: "1.27-alpine",
      purpose: "serves built frontends in the images of apps",
    },
    8080,
    configuration(UNPRIVILEGED).replace("\tsendfile", `${TEMPORARY}\tsendfile`),
    "101",
  ),
  nginx(
    { name: "nginx", tag: "1.27-alpine", purpose: "serves built frontends as root, on port 80" },
    80,
    configuration("user nginx;\nworker_processes auto;\npid /run/nginx.pid;"),
  ),
  {
    name: "busybox",
    tag: "1.36",
    tags: /^(?:latest|stable|1(?:\.\d+){0,2})?(?:(?:^|-)(?:musl|glibc|uclibc))*$/,
    purpose: "small tools in one file, statically linked",
    seconds: 5,
    standIn: { from: "debian", apt: ["busybox-static"], env: { PATH }, command: ["sh"] },
  },
]
