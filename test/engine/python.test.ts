import { describe, expect, test } from "vitest"
import { folderOf, onlyStages, report } from "./support.js"

/** Two Python projects, by uv and by pip, with nothing at the root but settings. */
const FILES = {
  "slipway.yaml": onlyStages(),
  "shop/pyproject.toml": [
    "[project]",
    'name = "shop"',
    'version = "1.0"',
    'requires-python = ">=3.11"',
    'dependencies = ["idna==3.10"]',
    "[build-system]",
    'requires = ["setuptools>=68"]',
    'build-backend = "setuptools.build_meta"',
    "[tool.setuptools.packages.find]",
    'where = ["src"]',
    "[tool.uv]",
    "[tool.ruff]",
    'lint.select = ["F"]',
  ].join("\n"),
  "shop/src/shop/__init__.py":
    "import idna\n\n\ndef encoded(name: str) -> str:\n    return idna.encode(name).decode()\n",
  "shop/tests/test_shop.py":
    'from shop import encoded\n\n\ndef test_encodes():\n    assert encoded("bücher.example") == "xn--bcher-kva.example"\n',
  // Has no wheel: it is compiled.
  "jobs/requirements.txt": "psycopg2==2.9.10\n",
  "jobs/jobs.py": "def total(numbers):\n    return sum(numbers)\n\n\ndef unused():\n    return 1\n",
  "jobs/test_jobs.py":
    "import unittest\nimport psycopg2\nfrom jobs import total\n\n\nclass Total(unittest.TestCase):\n    def test_adds(self):\n        self.assertEqual(total([1, 2]), 3)\n        self.assertIn('2.9', psycopg2.__version__)\n",
}

describe("Python projects", () => {
  test("are installed, linted, tested and covered side by side", async () => {
    const { record, stage } = await report(folderOf(FILES))
    expect(record.stages.filter(({ verdict }) => verdict !== "passed")).toEqual([])
    expect(stage("test:unit:shop").tests.map(({ file }) => file)).toEqual(["shop/tests/test_shop.py"])
    expect(stage("test:unit:jobs").tests.map(({ name }) => name)).toEqual(["test_adds"])
    expect(stage("lint:shop").verdict).toBe("passed")
    const covered = stage("coverage").coverage?.map(({ file }) => file)
    expect(covered).toEqual(expect.arrayContaining(["jobs/jobs.py", "shop/src/shop/__init__.py"]))
  })

  test("are red at the line that is wrong, and where no test ran", async () => {
    const { record, stage } = await report(
      folderOf({
        ...FILES,
        "shop/src/shop/__init__.py": `import os\n${FILES["shop/src/shop/__init__.py"]}`,
        "shop/tests/test_shop.py":
          "from shop import encoded\n\n\ndef test_encodes():\n    assert encoded('a') == 'b'\n",
        "jobs/test_jobs.py": "import unittest\n",
      }),
    )
    expect(record.exitCode).toBe(10)
    expect(stage("lint:shop").findings).toMatchObject([
      { rule: "F401", file: "shop/src/shop/__init__.py", line: 1 },
    ])
    expect(stage("test:unit:shop").summary).toBe("1 of 1 test failed")
    expect(stage("test:unit:jobs").summary).toContain("no test ran")
  })
})
