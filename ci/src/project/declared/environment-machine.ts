import { either } from "../../formats/pattern.js"
import { behindPrefixes } from "../command-prefixes.js"
import { baseName } from "../paths.js"
import { type ShellCommand, stepCommands } from "../shell-words.js"
import type { Place } from "./client-input.js"
import { asOther, CALLS_CLIENT, isUnknownCall } from "./database-clients.js"
import { insideOf } from "./docker-run.js"
import { wholeCommands } from "./here-documents.js"
import { type Runs, stepsBefore } from "./scripts.js"
import { ofMachine } from "./started.js"

/** What a job of the team's CI makes of its machine before tests, and nothing here does. */

/** Programs that look, wait, work in the repository, or whose work is done here in another way. */
const DONE_HERE = either(String.raw`
    cd pushd popd echo printf export set unset shopt true false : exit return test \[ \[\[ sleep wait for case esac in read
    local break continue date time uname ls pwd cat env printenv id whoami which type command hash ulimit df du free nproc
    ps head tail grep awk cut tr wc sort uniq find file jq mkdir touch cp mv rm ln chmod tar unzip git curl wget nc
    netcat pg_isready wait-on wait-for-it wait-for dockerize apt-get apt apt-fast aptitude bash sh source \.
    npm npx pnpm pnpx yarn bun bunx corepack node nvm fnm volta tsc tsx lerna turbo nx make just
    python python3 pip pip3 pipx uv uvx poetry pdm pipenv hatch tox nox coverage pytest
  `)
const DONE = new RegExp(`^(?:${DONE_HERE})$`)

/** What Docker does that starts no other service, and changes none. */
const OF_DOCKER =
  /^(?:compose|run|container|pull|ps|logs|inspect|login|start|wait|network|info|version|images?)$/

/** Returns the commands before the tests that change the machine in a way that nothing here does. */
export const machineSetUp = (runs: Runs, files: readonly string[]): readonly string[] => {
  const before = stepsBefore(runs).filter((one) => one !== runs.step && !one.leftOut && !one.optional)
  return wholeCommands(before).flatMap(({ step, document }) => {
    const all = stepCommands(step.run).flatMap(asOther)
    return all
      .filter((words, i) => isSetUp(words, { step, files, document, before: all[i - 1] ?? [] }))
      .map((words) => words.join(" "))
  })
}

function isSetUp(words: ShellCommand, place: Place): boolean {
  const { command } = behindPrefixes(words)
  const [program = "", ...args] = command
  if (program === "" || ofMachine(command, "") !== null) return false
  if (isUnknownCall(words, place)) return true
  if (["docker", "docker-compose", "podman"].includes(program)) return isContainerSetUp(command)
  if (WRITES_OUTSIDE.test(args.join(" ")) && WRITERS.test(program)) return true
  const isFile = /^\.{0,2}\/?[\w.-]+\//.test(program)
  return !isFile && !DONE.test(baseName(program)) && !CALLS_CLIENT.test(program)
}

/** Programs that write files, and a path that no container of tests has. */
const WRITERS = /^(?:cp|mv|ln|echo|cat|printf|mkdir|touch|chmod|rm)$/
const WRITES_OUTSIDE = /(?:^|[\s>])\/(?:etc|usr|opt|var|lib)\//

function isContainerSetUp(command: ShellCommand): boolean {
  const verb = command.slice(1).find((word) => !word.startsWith("-")) ?? ""
  return command.includes("exec")
    ? insideOf(command) === null
    : command[0] !== "docker-compose" && !OF_DOCKER.test(verb)
}
