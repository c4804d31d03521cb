import { anyOf, escapeRegExp } from "../formats/pattern.js"
import { type FoundService, titleOf } from "../project/declared/found.js"
import { TECHNOLOGIES } from "../project/declared/technologies.js"

/** Servers that tests look for in vain. */

/** How programs say that nothing listens on a port of their own machine: Node.js, libpq, redis-py, others of Python. */
const REFUSED = anyOf(
  [
    /ECONNREFUSED (?:127\.0\.0\.1|::1|0\.0\.0\.0|localhost):(\d+)/,
    /"?(?:127\.0\.0\.1|::1|localhost)"?(?: \([\d.:]+\))?,? port (\d+) failed: Connection refused/,
    /Error 111 connecting to (?:127\.0\.0\.1|::1|localhost):(\d+)/,
    /(?:127\.0\.0\.1|::1|localhost):(\d+)[^\n]{0,40}\[Errno 111\]/,
    /host='(?:127\.0\.0\.1|localhost)', port=(\d+)\)[^\n]*Connection refused/,
  ],
  "g",
)

/** Returns the ports of localhost of which a log says that nothing listens there, in its order. */
export const refusedPorts = (log: string): readonly number[] =>
  [...log.matchAll(REFUSED)].map(([, ...ports]) => Number(ports.find(Boolean)))

/** How programs say that the socket of a server does not exist: Node.js, libpq, PyMySQL, MySQL's own client. */
const NO_SOCKET = anyOf([
  /(?:ENOENT|on socket|through socket) ["']?(?<path>\/[\w./-]*(?:(?:mysqld?|redis|mongodb)[\w.-]*\.sock|\.s\.PGSQL\.\d+))/,
  /Can't connect to MySQL server on 'localhost' \(\[Errno 2\]/,
])

/** Says that a red suite looks for a server in its own file system, by its log; null where it does not. */
export function withoutSocket(log: string): string | null {
  const found = NO_SOCKET.exec(log)
  return found === null
    ? null
    : `the tests look for a database at a socket in their file system (${found.groups?.path ?? "of MySQL"}), and services here have ports alone. Let them connect to the service's host and port`
}

/** What listens on a port by custom, and its image. */
const BY_CUSTOM: Readonly<Record<number, readonly [name: string, host: string, image: string]>> = {
  1433: ["SQL Server", "mssql", "mcr.microsoft.com/mssql/server:2022-latest"],
  1521: ["Oracle", "oracle", "gvenzl/oracle-free:23-slim"],
  2379: ["etcd", "etcd", "quay.io/coreos/etcd:v3.5.17"],
  4222: ["NATS", "nats", "nats:2"],
  4566: ["LocalStack", "localstack", "localstack/localstack:4"],
  7687: ["Neo4j", "neo4j", "neo4j:5"],
  8123: ["ClickHouse", "clickhouse", "clickhouse/clickhouse-server:24.8"],
  9042: ["Cassandra", "cassandra", "cassandra:5"],
  9092: ["Kafka", "kafka", "apache/kafka:3.9.0"],
  9200: ["Elasticsearch", "elasticsearch", "docker.elastic.co/elasticsearch/elasticsearch:8.17.0"],
  11211: ["memcached", "memcached", "memcached:1.6"],
  26257: ["CockroachDB", "cockroach", "cockroachdb/cockroach:v24.3.0"],
}

const lineOf = (host: string, image: string, port: number): string =>
  `Write \`services: { ${host}: { image: "${image}", port: ${port}, unit: true } }\` into slipway.yaml`

/**
 * Says which service a red suite looks for, by its log, that it does not have; null where its log names none.
 *
 * @param local the ports of localhost that lead to services.
 * @param absent the services that the team's files describe and that it does not get.
 */
export function refusedBy(
  log: string,
  local: Readonly<Record<number, string>>,
  absent: readonly FoundService[],
): string | null {
  const ports = refusedPorts(log).filter((port) => !(port in local))
  const described = absent.find(
    ({ host, published }) => ports.some((port) => port in published) || isUnknownHost(log, host),
  )
  if (described !== undefined) {
    const { host, image, source, published } = described
    const [port] = ports.filter((one) => one in published)
    const there = port === undefined ? described.ports[0] : published[port]
    const place = port === undefined ? host : `localhost:${port}`
    return `the tests look for ${titleOf(described)} (${source}) on ${place}, where nothing listens. ${lineOf(host, image, there ?? 0)}`
  }
  const known = TECHNOLOGIES.find(({ unasked, port }) => unasked !== null && ports.includes(port))
  const custom = ports.find((port) => port in BY_CUSTOM) ?? 0
  const [name, host, image] = known?.unasked
    ? [known.name, known.unasked.host, known.unasked.image]
    : (BY_CUSTOM[custom] ?? [])
  const port = known?.port ?? custom
  return name === undefined || host === undefined || image === undefined
    ? null
    : `the tests look for ${name} on localhost:${port}, where nothing listens. ${lineOf(host, image, port)}`
}

/** Tells whether a log says that no machine has a name. */
const isUnknownHost = (log: string, host: string): boolean =>
  new RegExp(
    `\\b(?:ENOTFOUND|EAI_AGAIN) ${escapeRegExp(host)}(?![\\w.-])|could not translate host name "${escapeRegExp(host)}"`,
  ).test(log)
