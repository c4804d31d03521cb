import { describe, expect, test } from "vitest"
import { circle, needed, schedule } from "../../../ci/src/run/schedule.js"

interface Node {
  readonly name: string
  readonly kind?: string
  readonly needs: readonly string[]
  readonly after?: readonly string[]
}

const node = (name: string, ...needs: string[]): Node => ({ name, needs })

/** Runs a graph whose nodes take some turns of the event loop, and notes what happened. */
async function play(nodes: readonly Node[], limit: number, bad: readonly string[] = []) {
  const events: string[] = []
  let running = 0
  let most = 0
  const results = await schedule<Node, string>(nodes, {
    limit,
    async run({ name }) {
      events.push(`+${name}`)
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 2))
      running--
      events.push(`-${name}`)
      return bad.includes(name) ? "bad" : "good"
    },
    skip: (_, because) => `skipped for ${because.map(({ name }) => name).join("+")}`,
    good: (result) => result === "good",
  })
  return { events, most, results }
}

describe("what a node needs", () => {
  const nodes = [
    node("test:unit:a"),
    node("test:unit:b"),
    node("testing"),
    node("test"),
    node("last", "test"),
  ]

  test("is named whole, or by what stands before a colon", () => {
    const names = (need: string) => needed(node("x", need), nodes).map(({ name }) => name)
    expect(names("test:unit:a")).toEqual(["test:unit:a"])
    expect(names("test:unit")).toEqual(["test:unit:a", "test:unit:b"])
    expect(names("test")).toEqual(["test:unit:a", "test:unit:b", "test"])
    expect(names("tes")).toEqual([])
  })

  test("is named by its kind where no node has that name", () => {
    const nodes = [
      { ...node("test:e2e"), kind: "e2e" },
      { ...node("test:e2e:shop"), kind: "e2e" },
      { ...node("lint"), kind: "style" },
      { ...node("style:all"), kind: "other" },
    ]
    const names = (need: string) => needed(node("x", need), nodes).map(({ name }) => name)
    expect(names("e2e")).toEqual(["test:e2e", "test:e2e:shop"])
    expect(names("style")).toEqual(["style:all"])
  })
})

describe("a circle", () => {
  test.each([
    ["of two", [node("a", "b"), node("b", "a")], ["a", "b", "a"]],
    ["behind others", [node("s", "a"), node("a", "b"), node("b", "c"), node("c", "a")], ["a", "b", "c", "a"]],
    ["through a prefix", [node("t:1", "b"), node("b", "t")], ["t:1", "b", "t:1"]],
  ])("%s is found", (_what, nodes, names) => {
    expect(circle(nodes)).toEqual(names)
  })

  test("is not found in a graph whose paths meet again", () => {
    expect(circle([node("a"), node("b", "a"), node("c", "a"), node("d", "b", "c")])).toBeNull()
  })

  test("is looked for quickly where many need many", () => {
    const rows = Array.from({ length: 20 }, (_, row) =>
      Array.from({ length: 10 }, (_, i) => node(`r${row}:${i}`, ...(row > 0 ? [`r${row - 1}`] : []))),
    ).flat()
    expect(circle(rows)).toBeNull()
  })
})

describe("a schedule", () => {
  test("starts a node when what it needs has ended, and gives results in the order asked", async () => {
    const nodes = [node("c", "b"), node("b", "a"), node("a")]
    const { events, results } = await play(nodes, 4)
    expect(events).toEqual(["+a", "-a", "+b", "-b", "+c", "-c"])
    expect([...results.keys()]).toEqual(["c", "b", "a"])
  })

  test.each([1, 2, 3])("never runs more than %i side by side, and no fewer than it may", async (limit) => {
    const nodes = Array.from({ length: 7 }, (_, i) => node(`n${i}`))
    const { most, results } = await play(nodes, limit)
    expect(most).toBe(limit)
    expect(results.size).toBe(7)
  })

  test("skips all nodes that need a bad one, and runs the rest", async () => {
    const nodes = [
      node("late", "mid"),
      node("mid", "bad"),
      node("bad"),
      node("fine"),
      node("both", "fine", "bad"),
    ]
    const { events, results } = await play(nodes, 2, ["bad"])
    expect(Object.fromEntries(results)).toEqual({
      bad: "bad",
      fine: "good",
      mid: "skipped for bad",
      late: "skipped for mid",
      both: "skipped for bad",
    })
    expect(events).not.toContain("+mid")
  })

  test("of nothing has no results", async () => {
    expect((await play([], 1)).results.size).toBe(0)
  })
})

test("a node that comes after others waits for those that are there, and runs whether they are good or bad", async () => {
  const nodes = [{ ...node("coverage"), after: ["test", "e2e"] }, node("test:unit"), node("test:more")]
  const { events, results } = await play(nodes, 4, ["test:unit"])
  expect(events.slice(-2)).toEqual(["+coverage", "-coverage"])
  expect(results.get("coverage")).toBe("good")
  expect(circle([{ ...node("a"), after: ["b"] }, node("b", "a")])).toEqual(["a", "b", "a"])
})
