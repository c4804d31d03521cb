/**
 * A module that uses every feature of the SDK.
 *
 * Its description has two paragraphs.
 */
import { readFileSync } from "node:fs"
import { basename } from "node:path"
import {
  argument,
  CacheSharingMode,
  Changeset,
  check,
  Container,
  dag,
  Directory,
  File,
  type float,
  func,
  generate,
  NetworkProtocol,
  object,
  Platform,
  ReturnType,
  Secret,
  Service,
} from "@dagger.io/dagger"
import { shout } from "@shared/words"
import { GREETING, PATTERNS } from "./shared/words"
import { Colour, type Duck, Hidden, type Path, Person, type Point, type Text } from "./types"

const BASE = 3

@object()
export class Features {
  /** A field that callers read. */
  @func()
  prefix: string

  /** A field with a core object. */
  @func()
  readonly source: Directory

  @func()
  colours: Colour[] = [Colour.Red, Colour.Blue]

  /** Private. */
  counter: number

  private readonly ages: number[]

  private readonly last: Point

  constructor(prefix: string = GREETING, counter: number = 1, source?: Directory) {
    this.prefix = prefix
    this.counter = counter
    this.source = source ?? dag.directory().withNewFile("default.txt", "default")
    this.ages = [30, 7]
    this.last = { x: 8, y: 9 }
  }

  // Strings, numbers, booleans.

  /** Greets. */
  @func()
  greet(name: string): string {
    return `${this.prefix} ${name}`
  }

  @func()
  add(a: number, b: number = BASE): number {
    return a + b
  }

  @func()
  divide(a: number, b: number): number {
    return a / b
  }

  @func()
  ratio(a: float, b: float = 2.5): float {
    return a / b
  }

  @func()
  flip(value: boolean): boolean {
    return !value
  }

  @func()
  zero(): number {
    return 0
  }

  @func()
  empty(): string {
    return ""
  }

  @func()
  shouted(text: Text): Text {
    return shout(text)
  }

  @func()
  inferred(a: number) {
    return `${a}:${typeof a}`
  }

  @func()
  async nothing(): Promise<void> {
    this.counter += 1
  }

  // Optional, nullable, defaults, variadic.

  @func()
  optional(text?: string): string {
    return `${text}`
  }

  @func()
  nullable(text: string | null): string {
    return `${text}`
  }

  @func()
  nullableDefault(text: string | null = null): string {
    return `${text}`
  }

  @func()
  several(first: string, second = "second", third?: number, fourth: string | null = "fourth"): string {
    return JSON.stringify([first, second, third === undefined ? "undefined" : third, fourth])
  }

  @func()
  variadic(first: string, ...rest: string[]): string {
    return `${first} ${rest.length} ${rest.join("+")}`
  }

  @func()
  listDefault(words: string[] = ["a", "b"]): string[] {
    return words
  }

  @func()
  maybe(give: boolean): string | null {
    return give ? "given" : null
  }

  @func()
  objectDefault(person: Person = new Person("Default")): string {
    return person.introduce()
  }

  // Lists.

  @func()
  list(count: number): string[] {
    return Array.from({ length: count }, (_, i) => `${i}`)
  }

  @func()
  nested(): number[][] {
    return [[1, 2], [], [3]]
  }

  @func()
  floats(): float[] {
    return [0.5, 1, 2.25]
  }

  @func()
  sum(numbers: number[]): number {
    return numbers.reduce((total, n) => total + n, 0)
  }

  // Objects.

  @func()
  person(name: string, age?: number): Person {
    return new Person(name, age)
  }

  @func()
  everyone(): Person[] {
    return this.ages.map((age) => new Person(`Person ${this.last.x}`, age))
  }

  @func()
  hidden(): Hidden {
    return new Hidden()
  }

  @func()
  point(x: number, y: number): Point {
    return { x, y }
  }

  @func()
  path(): Path {
    return { points: [{ x: 1, y: 2, label: "a" }, { x: 3, y: 4 }], colour: Colour.Blue }
  }

  @func({ alias: "again" })
  another(): Features {
    const again = new Features(`${this.prefix}+`, this.counter + 1)
    return again
  }

  @func("oldAlias")
  renamed(): string {
    return `counter ${this.counter}`
  }

  // Enums.

  @func()
  paint(colour: Colour = Colour.Green): string {
    return `painted ${colour}`
  }

  @func()
  mix(colours: Colour[]): Colour {
    return colours[0] ?? Colour.Red
  }

  @func()
  palette(): Colour[] {
    return [Colour.Green, Colour.Red]
  }

  @func()
  mode(mode: CacheSharingMode = CacheSharingMode.Shared): string {
    return `${mode}`
  }

  @func()
  coreEnum(): NetworkProtocol {
    return NetworkProtocol.Udp
  }

  // Core objects.

  @func()
  file(text: string): File {
    return dag.directory().withNewFile("file.txt", text).file("file.txt")
  }

  @func()
  async files(directory: Directory): Promise<string[]> {
    return (await directory.entries()).sort()
  }

  // An engine that restarted cannot read a kept list of these.
  @func({ cache: "session" })
  directories(): Directory[] {
    return [dag.directory().withNewFile("a", "1"), dag.directory().withNewFile("b", "2")]
  }

  @func()
  async contextual(
    @argument({ defaultPath: ".", ignore: PATTERNS }) directory: Directory,
  ): Promise<string[]> {
    return (await directory.entries()).sort()
  }

  @func()
  async contextFile(@argument({ defaultPath: "dagger.json" }) file: File): Promise<string> {
    return basename(await file.name())
  }

  @func()
  async length(token: Secret): Promise<number> {
    return (await token.plaintext()).length
  }

  @func()
  platform(platform: Platform = "linux/amd64" as Platform): Platform {
    return platform
  }

  @func({ cache: "session" })
  async moduleName(): Promise<string> {
    return dag.currentModule().name()
  }

  @func({ cache: "10m" })
  async moduleFiles(): Promise<string[]> {
    return (await dag.currentModule().source().directory("src").entries()).filter((name) => !name.startsWith("__"))
  }

  // Where it runs.

  @func({ cache: "never" })
  where(): string {
    return [import.meta.dirname, basename(import.meta.filename), import.meta.url, process.cwd()].join(" ")
  }

  @func({ cache: "never" })
  ownSource(): string {
    return readFileSync(new URL("shared/words.ts", import.meta.url), "utf8").split("\n")[0] ?? ""
  }

  @func({ cache: "never" })
  prints(): string {
    console.log("to stdout")
    console.error("to stderr")
    process.stdout.write("without a newline")
    return "printed"
  }

  @func({ cache: "never" })
  async later(): Promise<string> {
    const { shout: late } = await import("./shared/words")
    await new Promise((resolve) => setTimeout(resolve, 20))
    return late("late")
  }

  // Checks, generators.

  /** A check that passes. */
  @func()
  @check()
  async passes(): Promise<void> {}

  /** A check that fails. */
  @func()
  @check()
  async fails(): Promise<void> {
    throw new Error("the check failed")
  }

  @func()
  @generate()
  generated(): Changeset {
    const before = dag.directory()
    return before.withNewFile("made.txt", "made").changes(before)
  }

  // Interfaces: called by another module.

  @func()
  async listen(duck: Duck): Promise<string> {
    return duck.quack(2)
  }

  @func()
  async listenAll(ducks: Duck[]): Promise<string[]> {
    return Promise.all(ducks.map((duck) => duck.quack(1)))
  }

  @func()
  same(duck: Duck): Duck {
    return duck
  }

  @func()
  async renamedDuck(duck: Duck): Promise<string> {
    const renamed = await duck.renamed("Donald")
    return renamed.name()
  }

  @func()
  async broodOf(duck: Duck): Promise<string[]> {
    return Promise.all((await duck.brood()).map((young) => young.name()))
  }

  // Errors.

  @func()
  fail(message: string): string {
    throw new Error(message)
  }

  @func()
  async failLater(): Promise<string> {
    await Promise.resolve()
    throw new TypeError("later")
  }

  @func()
  failWithText(): string {
    throw "just text"
  }

  @func()
  failWithObject(): string {
    throw { code: 7, why: ["a", "b"] }
  }

  @func()
  failWithCause(): string {
    throw new Error("outer", { cause: new Error("inner") })
  }

  @func()
  wrongResult(): Point {
    return { x: 1, y: 2, z: 3 } as Point
  }

  @func()
  async engineError(): Promise<string> {
    return dag.directory().file("missing").contents()
  }

  /** Runs a command that ends with a code, in a root filesystem that the caller gives. */
  @func({ cache: "never" })
  async exits(root: Directory, code: number, message?: string): Promise<string> {
    try {
      return await this.box(root).withExec(["/bin/sh", "-c", `echo said; echo cried >&2; exit ${code}`]).stdout()
    } catch (error) {
      if (message && error instanceof Error) error.message = message
      throw error
    }
  }

  @func({ cache: "never" })
  async anyExit(root: Directory, code: number): Promise<number> {
    return this.box(root).withExec(["/bin/sh", "-c", `exit ${code}`], { expect: ReturnType.Any }).exitCode()
  }

  @func({ cache: "never" })
  async errorShape(root: Directory): Promise<string> {
    try {
      await this.exits(root, 3)
      return "no error"
    } catch (error) {
      const { name, exitCode, stdout, stderr, cmd } = error as { name: string; exitCode: number; stdout: string; stderr: string; cmd: string[] }
      return JSON.stringify({ name, exitCode, stdout, stderr, cmd, isError: error instanceof Error })
    }
  }

  box(root: Directory): Container {
    return dag.container().withRootfs(root).withEnvVariable("PATH", "/usr/bin:/bin:/usr/local/bin")
  }

  // Services.

  @func({ cache: "never" })
  async talks(root: Directory): Promise<string> {
    const server = `require("http").createServer((_, r) => r.end("from the service")).listen(8080)`
    const service: Service = this.box(root)
      .withExposedPort(8080)
      .asService({ args: ["/usr/local/bin/node", "-e", server] })
    await service.start()
    const answer = await fetch(await service.endpoint({ scheme: "http" }))
    const text = await answer.text()
    await service.stop()
    return text
  }
}
