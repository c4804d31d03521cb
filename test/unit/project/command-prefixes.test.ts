import { describe, expect, test } from "vitest"
import { behindPrefixes } from "../../../ci/src/project/command-prefixes.js"
import { shellCommands } from "../../../ci/src/project/shell-words.js"

const behind = (line: string, scripts?: readonly string[]) => {
  const isScript = scripts && ((name: string) => scripts.includes(name))
  const { command, assigned } = behindPrefixes(shellCommands(line)[0] ?? [], isScript)
  return [command.join(" "), assigned.join(" ")]
}

describe("the command behind prefixes", () => {
  test.each([
    ["sudo -E -u postgres psql -f x.sql", "psql -f x.sql", ""],
    ["A=1 sudo B=2 env -u X -i C=3 jest -u", "jest -u", "A=1 B=2 C=3"],
    ["npx cross-env A=1 dotenv -e .env.test -- vitest run", "vitest run", "A=1"],
    ["timeout -k 5 60 nice -n 5 make test", "make test", ""],
    ["xvfb-run -a --server-args='-screen 0 1x1x24' npx playwright test", "playwright test", ""],
    ["command -v docker", "command -v docker", ""],
    ["exec time -p pytest", "pytest", ""],
    ["corepack pnpm@9 exec vitest --run", "vitest --run", ""],
    ["corepack enable", "corepack enable", ""],
    ["npm exec --yes vitest@3 -- --run", "vitest --run", ""],
    ["npm exec -w api vitest", "npm exec -w api vitest", ""],
    ["pnpm --filter api exec vitest", "pnpm --filter api exec vitest", ""],
    ["npx @biomejs/biome@2 check", "@biomejs/biome check", ""],
    ["nyc --reporter lcov mocha", "mocha", ""],
    ["nyc report --reporter=lcov", "nyc report --reporter=lcov", ""],
    ["uv run --frozen --group tox python -m tox -e py", "tox -e py", ""],
    ["poetry -C api run pytest -x", "pytest -x", ""],
    ["poetry install", "poetry install", ""],
    ["uvx --with tox-uv tox@4 -e py", "tox -e py", ""],
    ["pipx install tox", "pipx install tox", ""],
    ["python3.12 -W error -m pytest", "pytest", ""],
    ["python manage.py test", "python manage.py test", ""],
    ["uv run python -m coverage run --source src -m pytest -q", "pytest -q", ""],
    ["coverage report", "coverage report", ""],
    ["micromamba run -n dev pytest", "pytest", ""],
    ["yarn vitest", "yarn vitest", ""],
    ["A=1", "", "A=1"],
  ])("of `%s`", (line, command, assigned) => expect(behind(line)).toEqual([command, assigned]))

  test.each([
    ["bun run vitest run", "vitest run"],
    ["bun run --bun vitest", "vitest"],
    ["yarn vitest", "vitest"],
    ["pnpm vitest", "vitest"],
    ["bun run unit", "bun run unit"],
    ["pnpm run vitest", "pnpm run vitest"],
    ["bun run server.ts", "bun run server.ts"],
    ["bun test", "bun test"],
    ["bun run --filter '*' vitest", "bun run --filter * vitest"],
  ])("is a program where no script has the name: `%s`", (line, command) =>
    expect(behind(line, ["unit"])[0]).toBe(command))
})
