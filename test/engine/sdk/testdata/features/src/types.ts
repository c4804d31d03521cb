import { type float, func, object } from "@dagger.io/dagger"

/** A colour, as a TypeScript enum. */
export enum Colour {
  /** Like blood. */
  Red = "#f00",
  Green = "#0f0",
  /** @deprecated too cold */
  Blue = "#00f",
}

/** A type object. */
export type Point = {
  /** Across. */
  x: number
  y: number
  label?: string
}

/** A type object with others in it. */
export type Path = {
  points: Point[]
  colour: Colour
}

/** A scalar-like alias. */
export type Text = string

/** What quacks. */
export interface Duck {
  /** What it says. */
  quack(times: number): Promise<string>
  /** Its name. */
  name(): Promise<string>
  /** The same, renamed. */
  renamed(to: string): Duck
  /** Those that follow. */
  brood(): Promise<Duck[]>
}

/** An object of its own. */
@object()
export class Person {
  /** The name, exposed under another. */
  @func("fullName")
  name: string

  @func()
  age: number

  /** Not exposed, but kept. */
  secretWord = "hush"

  @func()
  favourite: Colour = Colour.Green

  constructor(name: string, age: number = 7) {
    this.name = name
    this.age = age
  }

  /** Says who it is, and proves that private state lasts. */
  @func()
  introduce(): string {
    return `${this.name} (${this.age}) ${this.secretWord} ${this.favourite}`
  }

  /** Grows. */
  @func()
  older(years: number): Person {
    const older = new Person(this.name, this.age + years)
    older.secretWord = `${this.secretWord}!`
    return older
  }

  @func()
  half(): float {
    return this.age / 2
  }
}

/** An object that is not exported. */
@object()
export class Hidden {
  @func()
  word: string = "found"

  @func()
  shown(): string {
    return this.word
  }
}
