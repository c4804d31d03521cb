import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto"
import { once } from "node:events"
import * as fs from "node:fs"
import { createServer, type Server } from "node:http"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { COSIGN } from "../../ci/src/image/registry.js"
import { home } from "../../engine/host/home.js"
import { recipeOf } from "../../engine/recipes/index.js"
import { programOf } from "../../engine/stand-in.js"
import { HERE, listen } from "../engine/network.js"
import { temporary, write } from "../engine/support.js"

/** Who vouches for people, to those who trust it: OpenID Connect's part of signing. */
interface Issuer {
  readonly url: string
  /** A token for whoever has the address, with other claims where they are given. */
  readonly token: (email: string, claims?: object) => string
  /** The same, signed by somebody else. */
  readonly forged: (email: string) => string
  readonly close: () => void
}

/** A team's own Sigstore, on this machine. */
export interface TeamSigstore {
  readonly issuer: Issuer
  /** What the team keeps in a folder of its project. */
  readonly files: Readonly<Record<"signing_config.json" | "trusted_root.json", string>>
  readonly close: () => Promise<void>
}

const PROGRAMS = {
  fulcio: "github.com/sigstore/fulcio",
  posix: "github.com/sigstore/rekor-tiles/v2/cmd/rekor-server/posix",
  "timestamp-server": "github.com/sigstore/timestamp-authority/v2/cmd/timestamp-server",
} as const

/**
 * Starts a Sigstore with keys of its own and an empty log: Fulcio without a log of certificates, Rekor, and the
 * timestamp authority that signatures in this Rekor need.
 *
 * @param programs the folder of {@link buildSigstore}.
 */
export async function startSigstore(programs: string): Promise<TeamSigstore> {
  const work = temporary("sigstore")
  const [issuer, ports] = [await startIssuer(), await freePorts()]
  writeSettings(work, issuer)
  const running = Object.entries(optionsOf(ports)).map(([name, options]) => {
    const words = Object.entries(options).map(([option, value]) => `--${option}=${value}`)
    const log = fs.openSync(path.join(work, `${name}.log`), "w")
    return spawn(path.join(programs, name), ["serve", ...words], { cwd: work, stdio: ["ignore", log, log] })
  })
  const close = async () => {
    issuer.close()
    await Promise.all(running.map(end))
  }
  try {
    return { issuer, files: await describe(work, issuer, ports), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Builds the programs, where that was not done before. @returns their folder. */
export function buildSigstore(): string {
  const folder = path.join(home(), "test-sigstore")
  // With the flags of the engine's own programs, most of it is built already: for cosign.
  const flags = ["-trimpath", "-mod=readonly", "-ldflags", "-s -w", "-o", `${folder}/`]
  execFileSync("go", ["build", ...flags, ...Object.values(PROGRAMS)], {
    cwd: fileURLToPath(new URL("sigstore", import.meta.url)),
    env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false" },
    stdio: ["ignore", "ignore", "inherit"],
  })
  return folder
}

const optionsOf = (ports: Ports): Readonly<Record<keyof typeof PROGRAMS, object>> => ({
  fulcio: {
    ca: "ephemeralca",
    "ct-log-url": "",
    "config-path": "fulcio.json",
    host: HERE,
    port: ports.fulcio,
    "grpc-host": "127.0.0.1",
    "grpc-port": ports.fulcioInner,
    "metrics-port": ports.fulcioMetrics,
    "legacy-unix-domain-socket": "fulcio.sock",
  },
  posix: {
    "signer-filepath": "log.key",
    "storage-dir": "tiles",
    "checkpoint-interval": "1s",
    hostname: HERE,
    "http-address": HERE,
    "http-port": ports.rekor,
    "grpc-address": "127.0.0.1",
    "grpc-port": ports.rekorInner,
    "http-metrics-port": ports.rekorMetrics,
  },
  "timestamp-server": { host: HERE, port: ports.clock, "disable-ntp-monitoring": true },
})

function writeSettings(work: string, { url }: Issuer): void {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  fs.mkdirSync(path.join(work, "tiles"))
  write(work, {
    "fulcio.json": { OIDCIssuers: { [url]: { IssuerURL: url, ClientID: "sigstore", Type: "email" } } },
    "log.key": privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    "log.pub": publicKey.export({ type: "spki", format: "pem" }).toString(),
  })
}

/** Describes it as a team does: by what it says of itself. */
async function describe(work: string, issuer: Issuer, ports: Ports): Promise<TeamSigstore["files"]> {
  const at = (port: number) => `http://${HERE}:${port}`
  const [ca, log, clock] = [at(ports.fulcio), at(ports.rekor), at(ports.clock)]
  write(work, {
    "ca.pem": await answer(`${ca}/api/v1/rootCert`),
    "clock.pem": await answer(`${clock}/api/v1/timestamp/certchain`),
    alive: await answer(`${log}/healthz`),
  })
  const cosign = await cosignHere()
  const since = "start-time=2020-01-01T00:00:00Z"
  const service = (url: string, version: number) => `url=${url},api-version=${version},${since},operator=team`
  return {
    "signing_config.json": cosign(work, [
      ...["signing-config", "create", "--fulcio", service(ca, 1), "--oidc-provider", service(issuer.url, 1)],
      ...["--rekor", service(log, 2), "--rekor-config", "ANY"],
      ...["--tsa", service(`${clock}/api/v1/timestamp`, 1), "--tsa-config", "ANY"],
    ]),
    "trusted_root.json": cosign(work, [
      ...["trusted-root", "create", "--fulcio", `url=${ca},certificate-chain=ca.pem`],
      ...["--rekor", `url=${log},public-key=log.pub,${since},origin=${HERE}`],
      ...["--tsa", `url=${clock},certificate-chain=clock.pem`],
    ]),
  }
}

/** The program that the engine's image of cosign is made from. */
async function cosignHere(): Promise<(folder: string, words: readonly string[]) => string> {
  const recipe = recipeOf(COSIGN.name)
  const program = recipe && (await programOf(recipe.standIn, () => {}))
  if (!program) throw new Error(`${COSIGN.name} is made from no program`)
  return (cwd, words) => execFileSync(program.file, words, { cwd, encoding: "utf8" })
}

/** What answers at an address, as soon as it does. */
async function answer(url: string): Promise<string> {
  for (let left = 100; ; left--) {
    const response = await fetch(url).catch(() => null)
    if (response?.ok) return response.text()
    if (left === 0) throw new Error(`${url} does not answer`)
    await sleep(100)
  }
}

async function end(program: ChildProcess): Promise<void> {
  const ended = once(program, "exit")
  if (program.exitCode === null && program.kill("SIGKILL")) await ended
}

/** Ports for the services, and for what they open beside, for nobody here. */
async function freePorts() {
  const servers: Server[] = []
  const free = async () => {
    const server = createServer()
    servers.push(server)
    return Number(new URL(await listen(server)).port)
  }
  const ports = {
    fulcio: await free(),
    fulcioInner: await free(),
    fulcioMetrics: await free(),
    rekor: await free(),
    rekorInner: await free(),
    rekorMetrics: await free(),
    clock: await free(),
  }
  for (const server of servers) server.close()
  return ports
}
type Ports = Awaited<ReturnType<typeof freePorts>>

/** @see https://openid.net/specs/openid-connect-discovery-1_0.html */
const discoveryOf = (url: string) => ({
  issuer: url,
  jwks_uri: `${url}/keys`,
  authorization_endpoint: url,
  token_endpoint: url,
  response_types_supported: ["id_token"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["RS256"],
})

async function startIssuer(): Promise<Issuer> {
  const own = generateKeyPairSync("rsa", { modulusLength: 2048 })
  const other = generateKeyPairSync("rsa", { modulusLength: 2048 })
  const keys = [{ ...own.publicKey.export({ format: "jwk" }), kid: "one", alg: "RS256", use: "sig" }]
  const server = createServer((request, response) => {
    response.end(JSON.stringify(request.url === "/keys" ? { keys } : discoveryOf(url)))
  })
  const url = await listen(server)
  const token = (key: KeyObject, email: string, claims: object = {}) => {
    const now = Math.floor(Date.now() / 1000)
    const said = {
      iss: url,
      aud: "sigstore",
      sub: email,
      email,
      email_verified: true,
      iat: now,
      exp: now + 600,
    }
    const text = [
      { alg: "RS256", kid: "one" },
      { ...said, ...claims },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".")
    return `${text}.${createSign("RSA-SHA256").update(text).sign(key).toString("base64url")}`
  }
  return {
    url,
    token: (email, claims) => token(own.privateKey, email, claims),
    forged: (email) => token(other.privateKey, email),
    close: () => void server.close(),
  }
}
