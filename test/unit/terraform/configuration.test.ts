import { describe, expect, test } from "vitest"
import { satisfies } from "../../../ci/src/formats/terraform-constraint.js"
import { judgeConfiguration } from "../../../ci/src/terraform/configuration.js"
import { literal, objectOf } from "../../../ci/src/terraform/expressions.js"
import { unformatted } from "../../../ci/src/terraform/fmt.js"
import { HclError, readHcl } from "../../../ci/src/terraform/hcl.js"
import { closure, readSource, rootModules } from "../../../ci/src/terraform/roots.js"
import { programFor } from "../../../ci/src/terraform/version.js"

const sourcesOf = (files: Readonly<Record<string, string>>) =>
  Object.entries(files).map(([file, text]) => readSource(file, text))

/** What is said, and for which line. */
function thrownBy(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    return error instanceof HclError ? [error.message, error.line] : error
  }
}

describe("the reader of Terraform's language", () => {
  test("reads blocks, labels and the text of expressions, with the lines that they stand in", () => {
    const { blocks } = readHcl(`# a comment { with brackets
resource "aws_s3_bucket" "logs" { // another
  bucket = "\${var.prefix}-\${join("-", ["a}", "b"])}" /* and
  another */
  tags   = merge(local.tags, {
    Name = "logs" # }
  })
  policy = <<-EOT
    { "a": "\${b}" }
    }
  EOT
  lifecycle { prevent_destroy = true }
}
`)
    const [bucket] = blocks
    expect(bucket).toMatchObject({ type: "resource", labels: ["aws_s3_bucket", "logs"], line: 2 })
    expect(
      Object.fromEntries([...(bucket?.attributes ?? [])].map(([name, { line }]) => [name, line])),
    ).toEqual({ bucket: 3, tags: 5, policy: 8 })
    expect(bucket?.blocks[0]?.attributes.get("prevent_destroy")?.expression).toBe("true")
  })

  test.each([
    ["resource {", "a block is not closed", 1],
    ["a = [1\n", '"]" is missing', 2],
    ['a = 1\nb = "x\n', "a string is not closed", 2],
    ["\n\n}", 'unexpected "}"', 3],
    ["a = <<X\nhello", "the heredoc X is not closed", 1],
  ])("says what is wrong with %j, and where", (text, what, line) => {
    expect(thrownBy(() => readHcl(text))).toEqual([what, line])
  })

  test("tells plain text from a template", () => {
    expect(literal('"a \\"b\\" 5% $5"')).toBe('a "b" 5% $5')
    expect(literal(`"a \${b}"`)).toBeNull()
    expect(literal("var.a")).toBeNull()
  })

  test("knows the keys of an object however it is written", () => {
    const keys = (text: string) => [...(objectOf(text)?.keys() ?? ["none"])]
    expect(keys('{ a = 1, "b" : { c = 2, d = 3 }, e : [1, 2] }')).toEqual(["a", "b", "e"])
    expect(keys('{\n  a = "x, y"\n  b = f(1, 2)\n}')).toEqual(["a", "b"])
    expect(keys("{ for k in x : k => k }")).toEqual(["none"])
    expect(keys("local.tags")).toEqual(["none"])
  })
})

const PROJECT = {
  "infra/main.tf": `terraform {
  required_version = "~> 1.9.2"
  backend "s3" {}
}
module "network" { source = "./modules/network" }
module "far" { source = "terraform-aws-modules/vpc/aws" }`,
  "infra/modules/network/main.tf": 'module "names" { source = "../names" }',
  "infra/modules/names/main.tf": 'variable "a" {}\nlocals { b = 1 }',
  "bootstrap/main.tf": 'resource "aws_s3_bucket" "state" {}',
  "shared/provider.tf": 'provider "aws" { region = "eu-central-1" }',
  "other/main.tf": 'module "s" { source = "../shared" }',
}

describe("root modules", () => {
  const sources = sourcesOf(PROJECT)

  test("are what stands alone, and what nobody calls", () => {
    expect(rootModules(sources)).toEqual(["bootstrap", "infra", "other", "shared"])
  })

  test("come with the local modules that they call", () => {
    expect(closure("infra", sources)).toEqual(["infra", "infra/modules/names", "infra/modules/network"])
  })
})

describe("the version of the program", () => {
  const settings = { program: "terraform", version: null } as const
  const version = (
    root: string,
    files = new Map<string, string>(),
    own: { version: string | null } = settings,
  ) => programFor({ ...settings, ...own }, root, sourcesOf(PROJECT), files).version

  test("is slipway.yaml's, then the nearest file's, then one that required_version allows", () => {
    const files = new Map([[".terraform-version", "1.8.1\n"]])
    expect(version("infra", files, { version: "1.10.0" })).toBe("1.10.0")
    expect(version("infra", files)).toBe("1.8.1")
    expect(version("infra")).toBe("1.9.2")
    expect(version("bootstrap")).toBe("1.11.4")
  })

  test.each([
    ["1.11.4", ">= 1.9, < 2.0", true],
    ["1.11.4", "~> 1.11.2", true],
    ["1.12.0", "~> 1.11.2", false],
    ["1.12.0", "~> 1.11", true],
    ["2.0.0", "~> 1.11", false],
    ["1.11.4", "1.11.4", true],
    ["1.11.4", "!= 1.11.4", false],
    ["1.11.4", "", true],
  ])("%s satisfies %j: %s", (own, constraint, expected) => {
    expect(satisfies(own, constraint)).toBe(expected)
  })
})

const judge = (
  files: Readonly<Record<string, string>>,
  tags: readonly string[] = ["team", "cost-center"],
) => {
  const all = sourcesOf(files)
  const sources = all.filter(({ file }) => !file.endsWith(".tfvars"))
  const values = all.filter(({ file }) => file.endsWith(".tfvars"))
  const result = judgeConfiguration({ sources, values, roots: rootModules(sources) }, tags)
  const found = result.findings.map(({ rule, file, line, standing }) => [rule, file, line, standing?.status])
  return { ...result, found }
}

describe("required tags", () => {
  const BUCKET = 'resource "aws_s3_bucket" "logs" {}\nresource "aws_iam_role" "free" {}\n'
  const provider = (tags: string) => `provider "aws" {\n  default_tags {\n    tags = ${tags}\n  }\n}\n`

  test("that nothing gives block, for what costs money alone", () => {
    const { found, cause, findings } = judge({ "main.tf": BUCKET })
    expect(found).toEqual([["terraform-required-tag", "main.tf", 1, "blocks"]])
    expect(findings[0]?.message).toBe("aws_s3_bucket.logs lacks the tags team, cost-center")
    expect(cause).toBe("policy")
  })

  test.each([
    ["by default_tags", `${provider('{ team = "a", "cost-center" = 1 }')}${BUCKET}`],
    [
      "by a local value",
      `locals { all = { team = "a", cost-center = "b" } }\n${provider("local.all")}${BUCKET}`,
    ],
    [
      "by both, merged",
      `${provider('{ team = "a" }')}locals { c = { cost-center = "b" } }\nresource "aws_s3_bucket" "x" {\n  tags = merge(local.c, { Name = "x" })\n}`,
    ],
    [
      "to a module by its caller's provider",
      `${provider('{ team = "a", cost-center = "b" }')}module "m" { source = "./m" }`,
    ],
  ])("are given %s", (_how, text) => {
    expect(
      judge({ "main.tf": text, "m/main.tf": BUCKET }).found.filter(([, file]) => file === "main.tf"),
    ).toEqual([])
    if (text.includes("./m")) expect(judge({ "main.tf": text, "m/main.tf": BUCKET }).found).toEqual([])
  })

  test("that a variable may give are left to the plan, and that is said", () => {
    const { found, summary } = judge({ "main.tf": `${provider("var.tags")}${BUCKET}` })
    expect(found).toEqual([])
    expect(summary).toBe(
      "nothing that blocks; 1 file, 1 resource for team, cost-center, 1 known only in the plan",
    )
  })
})

describe("secrets in plain text", () => {
  test("block wherever they stand; names of secrets and templates do not", () => {
    const { found } = judge(
      {
        "main.tf": `resource "aws_db_instance" "db" {
  password                    = "hunter2"
  manage_master_user_password = true
  kms_key_id                  = "alias/db"
}
resource "aws_ecs_task_definition" "t" {
  secrets = { db = { password = "hunter2" } }
}
module "m" {
  source      = "./m"
  auth_token  = var.token
  secret_name = "medflow/db"
  api_key     = "arn:aws:secretsmanager:eu-central-1:1:secret:x"
}
variable "token" {
  default = "t0k3n"
}
variable "db_password" {
  sensitive = true
  default   = ""
}
`,
        "prod.tfvars": 'size = "large"\ndb_password = "hunter2"\n',
      },
      [],
    )
    expect(found).toEqual([
      ["terraform-plain-secret", "main.tf", 2, "blocks"],
      ["terraform-plain-secret", "main.tf", 7, "blocks"],
      ["terraform-plain-secret", "main.tf", 15, "blocks"],
      ["terraform-sensitive", "main.tf", 15, "reported"],
      ["terraform-plain-secret", "prod.tfvars", 2, "blocks"],
    ])
  })

  test("never appear in what is said of them", () => {
    expect(JSON.stringify(judge({ "a.tfvars": 'password = "hunter2"' }))).not.toContain("hunter2")
  })
})

test("a file that cannot be read is no pass", () => {
  const { found, verdict } = judge({ "main.tf": 'resource "a" {\n', "x.tf.json": "{}" })
  expect(found).toEqual([
    ["terraform-not-read", "main.tf", 2, "blocks"],
    ["terraform-not-read", "x.tf.json", 1, "blocks"],
  ])
  expect(verdict).toBe("failed")
})

test("files that are not formatted are found where they differ first", () => {
  const log = `a/main.tf
--- old/a/main.tf
+++ new/a/main.tf
@@ -3,7 +3,7 @@
-      source = "hashicorp/local"
+      source  = "hashicorp/local"
@@ -11,5 +11,5 @@
-    content = var.nope
`
  expect(unformatted(log)).toMatchObject([{ rule: "terraform-fmt", file: "a/main.tf", line: 3 }])
})
