import * as fs from "node:fs"
import * as path from "node:path"
import type { Environment } from "../../../ci/src/vendors/vendor.js"
import { temporary, write } from "../../engine/support.js"
import { address, REQUEST_TOKEN, runner } from "./bench.js"
import { ended, tools } from "./tools.js"

/** An action that copies files, in the place of GitHub's. @param lines of its script: it has the inputs as variables. */
const action = (...lines: readonly string[]) =>
  `name: stand-in
inputs: { path: {}, name: {}, pattern: {}, sarif_file: {} }
runs:
  using: composite
  steps:
    - shell: bash
      env: { PLACE: "\${{ inputs.path }}", NAME: "\${{ inputs.name }}", PATTERN: "\${{ inputs.pattern }}" }
      run: |
${lines.map((line) => `        ${line}\n`).join("")}`

/** Returns the options of act that put the actions of an app's workflows on this machine. @param kept their artifacts. */
function actionsOf(app: string, kept: string): readonly string[] {
  const actions = temporary("actions")
  write(actions, {
    // The first line of a path is what is kept, the others are what is not.
    "upload/action.yml": action(`mkdir -p "${kept}/$NAME"`, `cp -r "\${PLACE%%$'\\n'*}/." "${kept}/$NAME"`),
    "download/action.yml": action(
      'mkdir -p "$PLACE"',
      `if [ -n "$NAME" ]; then cp -r "${kept}/$NAME/." "$PLACE"; else cp -r ${kept}/$PATTERN "$PLACE"; fi`,
    ),
    "cache/restore/action.yml": action(
      `mkdir -p "$(dirname "$PLACE")"`,
      `cp ${kept}/notified "$PLACE" || true`,
    ),
    "cache/save/action.yml": action(`cp "$PLACE" ${kept}/notified`),
    "codeql/upload-sarif/action.yml": action("true"),
  })
  const workflows = path.join(app, ".github/workflows")
  const texts = fs.readdirSync(workflows).map((file) => fs.readFileSync(path.join(workflows, file), "utf8"))
  const local = (name: string, folder: string) => {
    const commit = new RegExp(`uses: ${name}(?:/[\\w-]+)?@(\\w+)`).exec(texts.join(""))?.[1]
    return ["--local-repository", `${name}@${commit}=${actions}/${folder}`]
  }
  return [
    ...local("actions/upload-artifact", "upload"),
    ...local("actions/download-artifact", "download"),
    ...local("actions/cache", "cache"),
    ...local("github/codeql-action", "codeql"),
  ]
}

const assigned = (option: string, values: Environment): readonly string[] =>
  Object.entries(values).flatMap(([name, value]) => [option, `${name}=${value}`])

/** Returns a function that runs the workflows of a push to an app by act, on this machine, and the folder of their artifacts. */
export function actOf(app: string) {
  const kept = temporary("kept")
  const cache = temporary("act")
  const actions = actionsOf(app, kept)
  const push = (secrets: Environment, variables: Environment = {}) => {
    const { PATH, NOTIFICATIONS } = runner()
    const identity = {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${address()}/token?api-version=2`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: REQUEST_TOKEN,
    }
    const words = [
      ...["push", "-P", "ubuntu-latest=-self-hosted"],
      ...assigned("--env", { ...identity, PATH, ...variables }),
      ...assigned("-s", { NOTIFICATIONS, ...secrets }),
      ...actions,
    ]
    // It leaves the workspace of every red job there.
    return ended(path.join(tools, "act"), words, app, { PATH, XDG_CACHE_HOME: cache })
  }
  return { push, kept }
}

/** Returns a function that runs an app's pipeline by gitlab-ci-local, with both approvals of production. */
export function gitlabOf(app: string) {
  write(app, {
    // It has no Docker for services, and its after_script empties the folder of an isolated job.
    ".gitlab-ci-local.yml": "default: { services: [] }\ncheck: { after_script: [] }\n",
    ".git/info/exclude": ".gitlab-ci-local*\n",
  })
  return (variables: Environment) => {
    const { PATH, NOTIFICATIONS } = runner()
    const words = [
      ...["--force-shell-executor", "--shell-isolation=true"],
      ...assigned("--variable", { GITLAB_CI: "true", NOTIFICATIONS, ...variables }),
      ...["--manual", "production-approval-1", "--manual", "production-approval-2"],
    ]
    // Its bash has a socket as input: without a shell around it, it would read ~/.bashrc, which may change the PATH.
    return ended(path.join(tools, "node_modules/.bin/gitlab-ci-local"), words, app, { PATH, SHLVL: "2" })
  }
}
