import type * as TS from "typescript"
import { MAIN, type ModuleDescription, type ModuleFunction, type Parameter } from "./description.js"

// Not a static import: in the bundle, that would load the compiler at every start of the command line.
const { default: ts } = await import("typescript")

/**
 * Reads the classes of a Dagger module from its sources: what stands in them, without checking types.
 *
 * @param sources texts of the files that hold `@object` classes.
 */
export function readModule(sources: readonly string[]): ModuleDescription {
  const classes = sources.flatMap((text) =>
    ts
      .createSourceFile("module.ts", text, ts.ScriptTarget.ES2022, true)
      .statements.filter(ts.isClassDeclaration)
      .filter((found) => decorator(found, "object") !== null),
  )
  const maker = classes.find(({ name }) => name?.text === MAIN)?.members.find(ts.isConstructorDeclaration)
  return {
    options: maker ? parametersOf(maker) : [],
    objects: Object.fromEntries(classes.map((found) => [found.name?.text ?? "", functionsOf(found)])),
  }
}

function functionsOf(found: TS.ClassDeclaration): readonly ModuleFunction[] {
  return found.members.filter(ts.isMethodDeclaration).flatMap((method) => {
    const marked = decorator(method, "func")
    if (marked === null) return []
    const result = method.type?.getText() ?? "void"
    return {
      name: kebab(aliasOf(marked) ?? method.name.getText()),
      text: docText(method),
      parameters: parametersOf(method),
      result: /^Promise<(.+)>$/.exec(result)?.[1] ?? result,
    }
  })
}

/** The decorator of a name as it is called, or null. */
function decorator(node: TS.HasDecorators, name: string): TS.CallExpression | null {
  const calls = (ts.getDecorators(node) ?? []).map(({ expression }) => expression).filter(ts.isCallExpression)
  return calls.find((call) => call.expression.getText() === name) ?? null
}

/** `secrets` of `@func({ alias: "secrets" })`. */
function aliasOf(call: TS.CallExpression): string | null {
  const properties = call.arguments.filter(ts.isObjectLiteralExpression).flatMap((value) => value.properties)
  const alias = properties.filter(ts.isPropertyAssignment).find(({ name }) => name.getText() === "alias")
  return alias && ts.isStringLiteral(alias.initializer) ? alias.initializer.text : null
}

function docText(node: TS.Node): string {
  const comments = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)
  return comments.map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? "").join("\n")
}

function parametersOf(node: TS.MethodDeclaration | TS.ConstructorDeclaration): readonly Parameter[] {
  return node.parameters.map((parameter) => {
    const [tag] = ts.getJSDocParameterTags(parameter)
    const { initializer, questionToken } = parameter
    const hasPath = decorator(parameter, "argument")?.getText().includes("defaultPath") ?? false
    return {
      name: kebab(parameter.name.getText()),
      type: parameter.type?.getText() ?? "string",
      required: !initializer && !questionToken && !hasPath,
      fallback: initializer?.getText() ?? null,
      text: ts.getTextOfJSDocComment(tag?.comment)?.replace(/\s+/g, " ").trim() ?? "",
    }
  })
}

/** The name of an option or a function on the command line: `snyk-token` of `snykToken`. */
const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
