import { execFile, execFileSync } from "node:child_process"
import { once } from "node:events"
import * as fs from "node:fs"
import { createServer } from "node:http"
import { connect, createServer as createTcpServer } from "node:net"
import * as path from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { readHcl } from "../../ci/src/terraform/hcl.js"
import { OPENTOFU } from "../../ci/src/terraform/version.js"
import { goModule } from "../../engine/go-program.js"
import { recipeOf } from "../../engine/recipes/index.js"
import { programOf } from "../../engine/stand-in.js"
import { MODULE, temporary } from "../engine/support.js"
import { type ControlPlane, startControlPlane, until } from "./engines/control-plane.js"
import { providerFor, unknownArguments } from "./engines/provider.js"

const EXAMPLES = path.join(MODULE, "examples/engines")
const read = (file: string) => fs.readFileSync(path.join(EXAMPLES, file), "utf8")

describe("on Kubernetes", () => {
  let cluster: ControlPlane
  const chart = path.join(
    goModule("github.com/dagger/dagger", "v0.21.8", "h1:2BQXPly/KRgbjMLNjbh2kz5+zVOlIaFAk9A8t1oGCFk="),
    "helm/dagger",
  )
  const keda = path.join(
    goModule("github.com/kedacore/keda/v2", "v2.21.0", "h1:R6z2HZvstK4RLUMxroNACzBj74xGxt3kG59b5Xc+Xps="),
    "config/crd/bases/keda.sh_scaledobjects.yaml",
  )
  const rendered = (kind: string) =>
    cluster
      .helm([
        ...["template", "dagger", chart, "--namespace", "dagger"],
        ...["--values", path.join(EXAMPLES, `kubernetes/values-${kind}.yaml`)],
      ])
      // The chart's own number would end engines that an autoscaler has added.
      .replace(/^ {2}replicas: 1\n/m, "")
  /** Applies as a GitOps controller does: unknown and duplicate fields are errors. */
  const apply = (text: string) =>
    cluster.kubectl(["apply", "--server-side", "--validate=strict", "--namespace=dagger", "-f", "-"], text)
  const get = (...words: readonly string[]) =>
    JSON.parse(cluster.kubectl(["get", "--namespace=dagger", "--output=json", ...words]))

  beforeAll(async () => {
    cluster = await startControlPlane()
    cluster.kubectl(["create", "namespace", "dagger"])
    cluster.kubectl(["apply", "--server-side", "-f", keda])
    apply(read("kubernetes/priority.yaml"))
  })
  afterAll(() => cluster?.stop())

  test("gives each node of the pool one engine, and no port that takes runs", async () => {
    for (const name of ["pool-1", "pool-2", "other"])
      apply(node(name, name === "other" ? {} : { "slipway/engine": "true" }))
    apply(rendered("daemonset"))
    const pods = await until(() => {
      const { items } = get("pods", "--selector=name=dagger-engine")
      expect(items).toHaveLength(2)
      return items
    })
    const [pod] = pods
    expect(pod.spec).toMatchObject({ priorityClassName: "dagger-engine", priority: 100000 })
    const [engine] = pod.spec.containers
    expect(engine).toMatchObject({
      image: "registry.dagger.io/engine:v0.21.8",
      ports: [{ name: "metrics", containerPort: 9090 }],
    })
    expect(engine.args).toBeUndefined()
    expect(pod.spec.volumes).toContainEqual({
      name: "varrundagger",
      hostPath: { path: "/run/dagger-dagger", type: "" },
    })
    const config = JSON.parse(get("configmap", "dagger-engine-config").data["engine.json"])
    expect(config.gc).toMatchObject({ enabled: true, maxUsedSpace: "75%" })
    cluster.kubectl(["delete", "daemonset/dagger-engine", "--namespace=dagger"])
  })

  test("gives each engine of a StatefulSet a volume of its own, which it finds again", async () => {
    apply(rendered("statefulset"))
    apply(read("kubernetes/network.yaml"))
    const volumes = () =>
      get("pvc").items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)
    const scale = (replicas: number) =>
      cluster.kubectl(["scale", "statefulset/dagger-engine", `--replicas=${replicas}`, "--namespace=dagger"])
    const all = ["data-dagger-engine-0", "data-dagger-engine-1", "data-dagger-engine-2"]
    scale(3)
    await until(() => expect(volumes().sort()).toEqual(all))
    scale(1)
    await until(() => expect(get("statefulset", "dagger-engine").status.replicas).toBe(1))
    expect(volumes().sort()).toEqual(all)
    const { spec } = get("statefulset", "dagger-engine")
    expect(spec.persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: "Delete", whenScaled: "Retain" })
    expect(spec.template.spec.containers[0].args).toEqual([
      ...["--addr", "tcp://0.0.0.0:1234", "--addr", "unix:///run/dagger/engine.sock"],
    ])
  })

  test("selects the engines by the names that the chart gives", () => {
    const labels = get("statefulset", "dagger-engine").spec.template.metadata.labels
    const selectors = [
      get("service", "dagger-engines").spec.selector,
      get("networkpolicy", "dagger-engines").spec.podSelector.matchLabels,
      get("pdb", "dagger-engines").spec.selector.matchLabels,
    ]
    for (const selector of selectors) expect(labels).toMatchObject(selector)
    expect(get("service", "dagger-engines").spec.clusterIP).toBe("None")
  })

  test.each([
    ["autoscale-keda.yaml", "scaledobject"],
    ["autoscale-hpa.yaml", "hpa"],
  ])("scales the StatefulSet by %s", (file, kind) => {
    apply(read(`kubernetes/${file}`))
    const { scaleTargetRef } = get(kind, "dagger-engines").spec
    expect(get("statefulset", scaleTargetRef.name).kind).toBe(scaleTargetRef.kind)
  })

  test("refuses what the API server does not know", () => {
    const wrong = read("kubernetes/network.yaml").replace("maxUnavailable: 1", "maxUnavailabel: 1")
    expect(() => apply(wrong)).toThrow(/spec\.maxUnavailabel: field not declared in schema/)
  })

  test("keeps the number of engines that an autoscaler has set when its values change", () => {
    const set = ["statefulset/dagger-engine", "--namespace=dagger"]
    cluster.kubectl(["scale", ...set, "--replicas=3"])
    apply(rendered("statefulset").replace("Seconds: 3600", "Seconds: 7200"))
    const { spec } = get("statefulset", "dagger-engine")
    expect([spec.replicas, spec.template.spec.terminationGracePeriodSeconds]).toEqual([3, 7200])
  })

  test("an engine that is told to stop waits for its runs", async () => {
    const [, , wait = ""] = get("statefulset", "dagger-engine").spec.template.spec.containers[0].lifecycle
      .preStop.exec.command
    const ended = () => execFileSync("timeout", ["3", "sh", "-c", wait])
    const engine = createTcpServer().listen(1234, "127.0.0.1")
    await once(engine, "listening")
    ended()
    const client = connect(1234, "127.0.0.1")
    await once(client, "connect")
    expect(ended).toThrow()
    client.destroy()
    engine.close()
    await until(ended)
  })
})

const node = (name: string, labels: object) =>
  JSON.stringify({ apiVersion: "v1", kind: "Node", metadata: { name, labels } })

describe("a runner", () => {
  const choose = (...addresses: readonly string[]) =>
    promisify(execFile)(path.join(EXAMPLES, "idle-engine.sh"), addresses)

  test("takes the engine with the fewest runs, of those that answer", async () => {
    const runs = { "127.0.0.2": 2, "127.0.0.3": 0, "127.0.0.4": 1 }
    const servers = Object.entries(runs).map(([address, number]) => {
      const text = `# HELP dagger_connected_clients Number of clients\ndagger_connected_clients ${number}\n`
      return createServer((_, response) => response.end(text)).listen(9090, address)
    })
    await Promise.all(servers.map((server) => once(server, "listening")))
    const { stdout } = await choose(...Object.keys(runs), "127.0.0.5")
    expect(stdout).toBe("tcp://127.0.0.3:1234\n")
    for (const server of servers) server.close()
    await expect(choose("127.0.0.5")).rejects.toThrow(/no engine answers/)
  })
})

describe("on EC2", () => {
  const files = fs.readdirSync(path.join(EXAMPLES, "ec2")).filter((name) => name.endsWith(".tf"))

  test("has the arguments that the provider knows, and those that it needs", async () => {
    const blocks = files.flatMap((file) => readHcl(read(`ec2/${file}`)).blocks)
    const provider = await providerFor(temporary("provider"), blocks)
    expect(unknownArguments(blocks, provider)).toEqual([])
    const wrong = 'resource "aws_security_group" "it" {\n  nmae = "it"\n}\nresource "aws_iam_role" "it" {}\n'
    expect(unknownArguments(readHcl(wrong).blocks, provider)).toEqual([
      "aws_security_group.it: unknown: nmae",
      "aws_iam_role.it: missing: assumeRolePolicy",
    ])
  })

  test("opens no port to the internet, and no key", () => {
    const text = read("ec2/main.tf")
    const ingress = readHcl(text).blocks.filter(
      ({ labels }) => labels[0] === "aws_vpc_security_group_ingress_rule",
    )
    expect(ingress.map(({ attributes }) => attributes.has("cidr_ipv4"))).toEqual([false])
    expect(text).not.toMatch(/key_name/)
    expect(text).toMatch(/associate_public_ip_address = false/)
  })

  test("is formatted, and its machine's script is a script when OpenTofu fills it in", async () => {
    const recipe = recipeOf(OPENTOFU.name)
    const tofu = recipe && (await programOf(recipe.standIn, () => {}))
    if (!tofu) throw new Error(`${OPENTOFU.name} is made from no program`)
    const folder = temporary("user-data")
    const run = (...words: readonly string[]) =>
      execFileSync(tofu.file, words, { cwd: folder, encoding: "utf8" })
    run("fmt", "-check", "-recursive", path.join(EXAMPLES, "ec2"))
    const image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/engine:v0.21.8"
    const call = `templatefile("${EXAMPLES}/ec2/user-data.sh", { image = "${image}", region = "eu-central-1", name = "it" })`
    fs.writeFileSync(path.join(folder, "main.tf"), `output "script" {\n  value = ${call}\n}\n`)
    run("init")
    run("apply", "-auto-approve")
    const script = run("output", "-raw", "script")
    execFileSync("bash", ["-n"], { input: script })
    const [, drain = ""] = /<<'DRAIN'\n([\s\S]*?)\nDRAIN\n/.exec(script) ?? []
    execFileSync("bash", ["-n"], { input: drain })
    expect(script).toContain(`  ${image} --addr tcp://0.0.0.0:1234`)
    expect(drain).toContain('--auto-scaling-group-name "it"')
  })
})
