import { execFileSync } from "node:child_process"
import { expect, test } from "vitest"
import { entries } from "../../../cli/commands/completion.js"
import { commands } from "../../../cli/commands/index.js"
import { completionScript } from "../../../cli/module/completion.js"
import { moduleDescription } from "../../../cli/module/load.js"

const all = entries(commands, await moduleDescription())

/** What bash completes a command line with, whose last word is unfinished. */
function completed(...line: readonly string[]): readonly string[] {
  const words = ["slipway", ...line].map((word) => `'${word}'`).join(" ")
  const script = `${completionScript("bash", all)}
COMP_WORDS=(${words}) COMP_CWORD=${line.length}; cd /proc/self/fdinfo; _slipway; printf '%s\\n' "\${COMPREPLY[@]}"`
  const out = execFileSync("bash", ["-c", script], { encoding: "utf8" })
  return out.split("\n").filter(Boolean)
}

test.each([
  [["compl"], ["completion"]],
  [["test", "i"], ["integration"]],
  [
    ["test", "unit", "--shard"],
    ["--shards", "--shard"],
  ],
  [
    ["ci", "--results-"],
    ["--results-key", "--results-login"],
  ],
  [["deploy", "--break"], ["--break-glass"]],
  [["no-such", ""], []],
])("bash completes %j", (line, expected) => {
  expect(completed(...line)).toEqual(expected)
})

test("every shell knows all commands and functions", () => {
  const scripts = (["bash", "zsh", "fish"] as const).map((shell) => completionScript(shell, all))
  for (const script of scripts)
    for (const { name } of all) expect(script).toMatch(new RegExp(`\\b${name}\\b`))
})

test("what a shell would run stands in no text of a function", () => {
  const risky = { name: "x", help: "Runs `$(rm)` \\ 'now'. More.", words: [], options: ["--a"] }
  expect(completionScript("zsh", [risky])).toContain("'x:Runs (rm)  now'")
  expect(completionScript("fish", [risky])).toContain("-a x -d 'Runs (rm)  now'")
})
