import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { generateKeyPairSync, randomUUID } from "node:crypto"
import { once } from "node:events"
import * as fs from "node:fs"
import { createServer } from "node:net"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { home } from "../../../engine/host/home.js"
import { temporary } from "../../engine/support.js"

/** A Kubernetes API server with its controllers. It has no node that runs anything. */
export interface ControlPlane {
  /** Runs kubectl. @returns its output. @throws for another exit code than 0. */
  readonly kubectl: (words: readonly string[], input?: string) => string
  /** Runs Helm. */
  readonly helm: (words: readonly string[]) => string
  readonly stop: () => Promise<void>
}

/** Builds the programs, where that was not done before. @returns the one file that is all of them. */
function build(): string {
  const file = path.join(home(), "test-control-plane", "control-plane")
  execFileSync("go", ["build", "-trimpath", "-mod=readonly", "-ldflags", "-s -w", "-o", file, "."], {
    cwd: fileURLToPath(new URL("control-plane", import.meta.url)),
    env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false" },
    stdio: ["ignore", "ignore", "inherit"],
  })
  return file
}

/** Starts etcd, the API server and the controllers, on the loopback interface alone. */
export async function startControlPlane(): Promise<ControlPlane> {
  const [program, folder] = [build(), temporary("control-plane")]
  const [api, etcd, peer] = [await freePort(), await freePort(), await freePort()]
  const config = writeFiles(folder, api)
  const running: ChildProcess[] = []
  const start = (name: string, options: Readonly<Record<string, string>>) => {
    const words = Object.entries(options).map(([option, value]) => `--${option}=${value}`)
    const log = fs.openSync(path.join(folder, `${name}.log`), "w")
    running.push(spawn(program, [name, ...words], { cwd: folder, stdio: ["ignore", log, log] }))
  }
  const call = (words: readonly string[], input = "") =>
    execFileSync(program, words, {
      cwd: folder,
      input,
      encoding: "utf8",
      maxBuffer: 1 << 26,
      stdio: "pipe",
      env: { ...process.env, HOME: folder, KUBECONFIG: config },
    })
  const kubectl = (words: readonly string[], input?: string) => call(["kubectl", ...words], input)
  const stop = async () => void (await Promise.all(running.map(end)))
  try {
    start("etcd", etcdOptions(etcd, peer))
    start("kube-apiserver", apiOptions(api, etcd))
    start("kube-controller-manager", {
      kubeconfig: config,
      "leader-elect": "false",
      "secure-port": "0",
      "service-account-private-key-file": "accounts.key",
    })
    await until(() => kubectl(["get", "serviceaccount", "default"]))
  } catch (error) {
    await stop()
    throw error
  }
  return { kubectl, helm: (words) => call(["helm", ...words]), stop }
}

const etcdOptions = (port: number, peer: number) => ({
  "data-dir": "etcd",
  "unsafe-no-fsync": "true",
  "log-level": "warn",
  "listen-client-urls": loopback(port),
  "advertise-client-urls": loopback(port),
  "listen-peer-urls": loopback(peer),
  "initial-advertise-peer-urls": loopback(peer),
  "initial-cluster": `default=${loopback(peer)}`,
})

const apiOptions = (port: number, etcd: number) => ({
  "etcd-servers": loopback(etcd),
  "secure-port": String(port),
  "cert-dir": "certificates",
  // It advertises no address: nothing in the cluster calls it.
  "bind-address": "127.0.0.1",
  "advertise-address": "127.0.0.1",
  "endpoint-reconciler-type": "none",
  "token-auth-file": "tokens.csv",
  "authorization-mode": "RBAC",
  "service-account-issuer": "https://kubernetes.default.svc",
  "service-account-key-file": "accounts.pub",
  "service-account-signing-key-file": "accounts.key",
  "service-cluster-ip-range": "10.255.0.0/24",
  // Engines are privileged containers.
  "allow-privileged": "true",
})

const loopback = (port: number) => `http://127.0.0.1:${port}`

/** Writes keys, and a login that may do everything. @returns the path of its kubeconfig. */
function writeFiles(folder: string, api: number): string {
  const token = randomUUID()
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  })
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "it",
    clusters: [
      { name: "it", cluster: { server: `https://127.0.0.1:${api}`, "insecure-skip-tls-verify": true } },
    ],
    users: [{ name: "it", user: { token } }],
    contexts: [{ name: "it", context: { cluster: "it", user: "it" } }],
  }
  const files = {
    "accounts.key": privateKey,
    "accounts.pub": publicKey,
    "tokens.csv": `${token},admin,admin,"system:masters"\n`,
    kubeconfig: JSON.stringify(kubeconfig),
  }
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text)
  return path.join(folder, "kubeconfig")
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  return typeof address === "object" && address ? address.port : 0
}

/** Waits until something no longer throws, two minutes at most. @returns what it returns. */
export async function until<T>(what: () => T): Promise<T> {
  for (const end = Date.now() + 120_000; ; ) {
    try {
      return what()
    } catch (error) {
      if (Date.now() > end) throw error
      await sleep(500)
    }
  }
}

async function end(program: ChildProcess): Promise<void> {
  const ended = once(program, "exit")
  // Nothing in it is worth keeping, and the API server's own end takes ten seconds.
  if (program.exitCode === null && program.kill("SIGKILL")) await ended
}
