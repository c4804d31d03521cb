import * as fs from "node:fs"
import * as path from "node:path"
import { expect, it } from "vitest"
import { fingerprint } from "../../engine/host/home.js"
import { hostState } from "./host.js"
import { type Machine, machine, query } from "./machine.js"

/** The state of the host, as far as an engine could change it. */
async function host(own: Machine) {
  const name = fs.readdirSync(own.home).find((one) => one.startsWith("engine-root-")) ?? ""
  return { ...(await hostState(path.join(own.home, name, "root"), own.home)), cgroups: cgroups(own) }
}

const cgroups = (own: Machine): readonly string[] =>
  ["/sys/fs/cgroup", ...fs.readdirSync("/sys/fs/cgroup").map((name) => `/sys/fs/cgroup/${name}`)]
    .map((folder) => `${folder}/slipway-${fingerprint(own.home)}`)
    .filter((folder) => fs.existsSync(folder))

it("leaves its host as it was: mounts, links, rules, files, cgroups, processes", async () => {
  await using own = await machine({ images: true })
  const before = await host(own)
  expect(before).toMatchObject({ cgroups: [], processes: [] })
  await own.slipway(["engine", "start"])
  const run = `withEnvVariable(name:"N",value:"${Date.now()}"){withExec(args:["sleep","0.1"]){exitCode}}`
  const call = await query(own, `{container{from(address:"debian:bookworm-slim"){${run}}}}`)
  expect(call.stdout, call.stderr).toContain('"exitCode": 0')
  const during = await host(own)
  expect({ ...during, cgroups: [], processes: [] }).toEqual(before)
  // Else the checks at the end would look in the wrong places.
  expect(during.processes.length).toBeGreaterThan(4)
  expect(during.cgroups.length).toBeGreaterThan(0)
  await own.slipway(["engine", "stop"])
  expect(await host(own)).toEqual(before)
})
