import * as fs from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { describe, expect, test } from "vitest"
import { EXCEPTIONS, LONGER, LONGEST, ROOMS, RULES } from "./house.js"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))

/** An import of one file of a folder by another, both relative to it. */
interface Import {
  readonly from: string
  readonly to: string
  /** True where only types are imported: nothing of it is there when the module runs. */
  readonly typesOnly: boolean
}

const filesIn = (folder: string, ending = /\.ts$/): readonly string[] =>
  fs
    .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => ending.test(file))

const files = filesIn("ci/src")

/** True for `import type { A }` and for `import { type A }`. */
function namesTypesOnly(statement: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(statement)) return statement.isTypeOnly
  const { importClause: clause } = statement
  if (clause === undefined || clause.isTypeOnly) return clause !== undefined
  const { namedBindings: names } = clause
  return names !== undefined && ts.isNamedImports(names) && names.elements.every((one) => one.isTypeOnly)
}

function importsOf(folder: string, from: string): readonly Import[] {
  const text = fs.readFileSync(path.join(ROOT, folder, from), "utf8")
  return ts.createSourceFile(from, text, ts.ScriptTarget.Latest).statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return []
    const { moduleSpecifier: specifier } = statement
    if (!specifier || !ts.isStringLiteral(specifier) || !specifier.text.startsWith(".")) return []
    const to = path.join(path.dirname(from), specifier.text).replace(/\.js$/, ".ts")
    return [{ from, to, typesOnly: namesTypesOnly(statement) }]
  })
}

const imports = files.flatMap((file) => importsOf("ci/src", file))

/** `formats` of `formats/clean.ts`; a file beside the rooms is a room by itself. */
const roomOf = (file: string): string => file.split(path.sep)[0] ?? file

/** True for a file, or any file of a folder that ends with `/`. */
const matches = (file: string, allowed: string): boolean =>
  allowed.endsWith("/") ? file.startsWith(allowed) : file === allowed

const excepted = ({ from, to }: Import) =>
  EXCEPTIONS.find((one) => matches(from, one.from) && matches(to, one.to))

/** Imports of one room that its rule does not allow. */
function forbidden(room: string): readonly Import[] {
  const { may, types = [] } = RULES[room] ?? { may: [] }
  return imports
    .filter(({ from, to }) => roomOf(from) === room && roomOf(to) !== room)
    .filter(({ to }) => !may.some((allowed) => matches(to, allowed)))
    .filter(({ to, typesOnly }) => !(typesOnly && types.some((allowed) => matches(to, allowed))))
}

const shown = ({ from, to }: Import) => `${from} → ${to}`

/** The files of the first circle of imports that begins at a file, or null. */
function circle(imports: readonly Import[], start: string): readonly string[] | null {
  const seen = new Set<string>()
  const walk = (file: string, trail: readonly string[]): readonly string[] | null => {
    for (const { to } of imports.filter(({ from }) => from === file)) {
      if (to === start) return [...trail, to]
      if (seen.has(to)) continue
      seen.add(to)
      const found = walk(to, [...trail, to])
      if (found) return found
    }
    return null
  }
  return walk(start, [start])
}

/** What calls a test, or what stands around tests: as long as they are many. */
const OF_TESTS = /^(?:describe|test|it|(?:before|after)(?:All|Each))\b/

const isOfTests = (node: ts.Node): boolean =>
  ts.isCallExpression(node) && OF_TESTS.test(node.expression.getText())

/** Names the functions and the file that are longer than they may be; lines of tests in a function do not count. */
function tooLong(file: string): readonly string[] {
  const text = fs.readFileSync(path.join(ROOT, file), "utf8")
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const lineAt = (position: number) => source.getLineAndCharacterOfPosition(position).line
  const lines = (node: ts.Node) => lineAt(node.end) - lineAt(node.getStart()) + 1
  const long = lineAt(text.trimEnd().length) >= LONGEST.file && !file.endsWith(".test.ts") ? [file] : []
  /** Returns the lines of tests in a node. */
  const visit = (node: ts.Node): number => {
    let tests = 0
    ts.forEachChild(node, (child) => {
      tests += visit(child)
    })
    const counts = ts.isFunctionLike(node) && !isOfTests(node.parent)
    if (counts && lines(node) - tests > LONGEST.function) long.push(`${file} ${nameOf(node)}`)
    return isOfTests(node) ? lines(node) : tests
  }
  visit(source)
  return long
}

/** A function without a name has that of its variable or property. */
function nameOf(node: ts.SignatureDeclaration): string {
  if (ts.isConstructorDeclaration(node)) return "constructor"
  const { parent } = node
  const named = ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent : node
  return named.name?.getText() ?? "(a function without a name)"
}

test("no function and no file is longer than it may be", () => {
  const sources = ["ci", "cli", "engine", "modules", "bench", "test"].flatMap((folder) =>
    filesIn(folder, /\.(?:ts|mjs)$/)
      .map((file) => path.join(folder, file))
      .filter((file) => !/node_modules|testdata|\.(?:generated|d)\.ts$/.test(file)),
  )
  expect(sources.flatMap(tooLong).sort()).toEqual(LONGER.map(({ what }) => what).sort())
})

const isExported = (statement: ts.Statement): boolean =>
  ts.canHaveModifiers(statement) &&
  (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)

/** True for a type that another declaration describes: `A["b"]`, `keyof A`, `typeof A`, `z.infer<typeof a>`. */
function isDerived(type: ts.TypeNode): boolean {
  if (ts.isParenthesizedTypeNode(type)) return isDerived(type.type)
  if (ts.isTypeReferenceNode(type))
    return /^(?:z\.infer|z\.output|NonNullable)$/.test(type.typeName.getText())
  return ts.isIndexedAccessTypeNode(type) || ts.isTypeQueryNode(type) || ts.isTypeOperatorNode(type)
}

/** True for a constant whose annotation names its type: the type says what it is. */
const isNamed = ({ type }: ts.VariableDeclaration): boolean =>
  type !== undefined &&
  ts.isTypeReferenceNode(type) &&
  !/^(?:Readonly|Record|ReadonlySet|ReadonlyMap)$/.test(type.typeName.getText())

const describesItself = (statement: ts.Statement): boolean =>
  ts.isVariableStatement(statement)
    ? statement.declarationList.declarations.every(isNamed)
    : ts.isTypeAliasDeclaration(statement) && isDerived(statement.type)

/** Names the exported declarations of a file that have no doc comment and need one. */
function undescribed(file: string): readonly string[] {
  const text = fs.readFileSync(path.join(ROOT, file), "utf8")
  return ts
    .createSourceFile(file, text, ts.ScriptTarget.Latest, true)
    .statements.filter((one) => isExported(one) && !describesItself(one))
    .filter((one) => ts.getJSDocCommentsAndTags(one).length === 0)
    .map((one) => `${file} ${one.getText().split("\n")[0]}`)
}

test("each exported declaration has a doc comment", () => {
  const sources = ["ci", "cli", "engine", "modules"]
    .flatMap((folder) => filesIn(folder, /\.ts$/).map((file) => path.join(folder, file)))
    .filter((file) => !/node_modules|testdata|\.(?:generated|d)\.ts$/.test(file))
  expect(sources.flatMap(undescribed)).toEqual([])
})

const hasDecorator = (node: ts.Node, name: string): boolean =>
  ts.canHaveDecorators(node) && (ts.getDecorators(node) ?? []).some((one) => one.getText() === `@${name}()`)

/** Names the parameters without `@param` of what users call: they are options in the help. */
function undescribedOptions(file: string): readonly string[] {
  const text = fs.readFileSync(path.join(ROOT, file), "utf8")
  return ts
    .createSourceFile(file, text, ts.ScriptTarget.Latest, true)
    .statements.filter((one) => ts.isClassDeclaration(one) && hasDecorator(one, "object"))
    .flatMap((one) => (ts.isClassDeclaration(one) ? [...one.members] : []))
    .filter((one) => ts.isConstructorDeclaration(one) || hasDecorator(one, "func"))
    .flatMap((one) => (ts.isFunctionLike(one) ? [...one.parameters] : []))
    .filter((one) => ts.getJSDocParameterTags(one).length === 0)
    .map((one) => `${file} ${one.name.getText()}`)
}

test("each option that users pass has a description", () => {
  const sources = ["ci/src", "modules/deploy/src", "modules/aws-simulator/src"].flatMap((folder) =>
    filesIn(folder).map((file) => path.join(folder, file)),
  )
  expect(sources.flatMap(undescribedOptions)).toEqual([])
})

test.each(["ci/src", "cli", "engine", "modules"])("the imports within %s have no circle", (folder) => {
  const own = filesIn(folder).filter((file) => !/node_modules|testdata/.test(file))
  const imports = own.flatMap((file) => importsOf(folder, file))
  expect(own.flatMap((file) => circle(imports, file) ?? [])).toEqual([])
})

/** What each part of the house may import of the others. */
const FLOORS = {
  "ci/src": [],
  modules: [],
  engine: ["ci"],
  "engine/host": ["ci"],
  // `slipway test` knows the suites.
  cli: ["ci", "engine", "modules", "test"],
} as const

test.each(
  Object.entries(FLOORS),
)("%s imports nothing that stands on it", (folder, may: readonly string[]) => {
  const own = filesIn(folder).filter((file) => !/node_modules|testdata/.test(file))
  const outside = own
    .flatMap((file) => importsOf(folder, file))
    .filter(({ to }) => to.startsWith(".."))
    .filter(({ to }) => !may.includes(roomOf(path.join(folder, to))))
  expect(outside.map(shown)).toEqual([])
})

describe("the imports of ci/src", () => {
  test("are read: each names a file that exists", () => {
    expect(imports.length).toBeGreaterThan(files.length)
    expect(imports.filter(({ to }) => !files.includes(to)).map(shown)).toEqual([])
  })

  test.each(Object.keys(RULES))("of %s/ stay within its rule", (room) => {
    expect(
      forbidden(room)
        .filter((one) => !excepted(one))
        .map(shown),
    ).toEqual([])
  })

  test("need each exception that is listed", () => {
    const needed = new Set(Object.keys(RULES).flatMap(forbidden).map(excepted))
    expect(EXCEPTIONS.filter((one) => !needed.has(one))).toEqual([])
  })

  test("follow a rule in every folder", () => {
    const folders = new Set(files.filter((file) => file.includes(path.sep)).map(roomOf))
    expect([...folders].filter((folder) => !(folder in RULES))).toEqual([])
    expect(ROOMS.filter((room) => !folders.has(room))).toEqual([])
  })
})
