/**
 * Reads the structure of Terraform's language: blocks, labels, attributes and the text of their expressions. No
 * expression is evaluated.
 *
 * @see https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
 */

/** `name = expression` */
export interface Attribute {
  /** The source text, trimmed. */
  readonly expression: string
  /** 1-based. */
  readonly line: number
}

/** `type "label" { … }` */
export interface Block {
  readonly type: string
  readonly labels: readonly string[]
  readonly attributes: ReadonlyMap<string, Attribute>
  readonly blocks: readonly Block[]
  /** 1-based. */
  readonly line: number
}

/** What is wrong with a text, and where. */
export class HclError extends Error {
  readonly line: number

  constructor(what: string, line: number) {
    super(what)
    this.name = "HclError"
    this.line = line
  }
}

const SPACE = /[ \t\r]+|(?:#|\/\/)[^\n]*|\/\*[\s\S]*?\*\//y
const NAME = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy
const HEREDOC = /<<-?([\p{ID_Start}_][\p{ID_Continue}-]*)\r?\n/uy
const OPEN: Readonly<Record<string, string>> = { "{": "}", "[": "]", "(": ")" }

/** Parses a file's text. @throws {HclError} for invalid text. */
export function readHcl(text: string): Block {
  const reader = new Reader(text)
  const body = reader.body(true)
  return { type: "", labels: [], line: 1, ...body }
}

type Body = Pick<Block, "attributes" | "blocks">

/** A place in a text that moves on. */
class Reader {
  private at = 0

  constructor(private readonly text: string) {}

  /** @param whole true for the file itself, which no bracket ends. */
  body(whole: boolean): Body {
    const attributes = new Map<string, Attribute>()
    const blocks: Block[] = []
    for (;;) {
      this.skip(true)
      if (this.at >= this.text.length) {
        if (whole) return { attributes, blocks }
        throw this.wrong("a block is not closed")
      }
      if (!whole && this.text[this.at] === "}") {
        this.at++
        return { attributes, blocks }
      }
      const line = this.line()
      const name = this.match(NAME) ?? this.quoted()
      if (name === null) throw this.wrong(`unexpected "${this.text[this.at]}"`)
      this.skip(false)
      if (this.text[this.at] === "=" && this.text[this.at + 1] !== "=") {
        this.at++
        attributes.set(name, { expression: this.expression(), line })
      } else blocks.push(this.block(name, line))
    }
  }

  private block(type: string, line: number): Block {
    const labels: string[] = []
    for (;;) {
      this.skip(false)
      const label = this.quoted() ?? this.match(NAME)
      if (label === null) break
      labels.push(label)
    }
    if (this.text[this.at] !== "{") throw this.wrong(`"${type}" is neither a block nor an attribute`)
    this.at++
    return { type, labels, line, ...this.body(false) }
  }

  /** The text up to the end of the line, or of the block, that no bracket or string holds open. */
  private expression(): string {
    const begin = this.at
    const due: string[] = []
    while (this.at < this.text.length) {
      const character = this.text[this.at] ?? ""
      if (due.length === 0 && (character === "\n" || character === "}" || character === ",")) break
      if (this.match(SPACE) !== null || this.heredoc()) continue
      if (character === '"') this.string()
      else {
        const closing = OPEN[character]
        if (closing !== undefined) due.push(closing)
        else if (/[}\])]/.test(character) && due.pop() !== character)
          throw this.wrong(`unexpected "${character}"`)
        this.at++
      }
    }
    if (due.length > 0) throw this.wrong(`"${due.at(-1)}" is missing`)
    return this.text.slice(begin, this.at).trim()
  }

  private heredoc(): boolean {
    HEREDOC.lastIndex = this.at
    const found = HEREDOC.exec(this.text)
    if (found === null) return false
    const end = new RegExp(`^[ \\t]*${found[1]}[ \\t]*\\r?$`, "m")
    const rest = this.text.slice(HEREDOC.lastIndex)
    const closed = end.exec(rest)
    if (closed === null) throw this.wrong(`the heredoc ${found[1]} is not closed`)
    this.at = HEREDOC.lastIndex + closed.index + closed[0].length
    return true
  }

  /** A string with all that its templates hold. */
  private string(): void {
    const begin = this.line()
    this.at++
    while (this.at < this.text.length) {
      const two = this.text.slice(this.at, this.at + 2)
      if (two[0] === "\\") this.at += 2
      else if (this.text.startsWith("$${", this.at) || this.text.startsWith("%%{", this.at)) this.at += 3
      else if (two === "${" || two === "%{") this.template()
      else if (two[0] === "\n") break
      else {
        this.at++
        if (two[0] === '"') return
      }
    }
    throw new HclError("a string is not closed", begin)
  }

  private template(): void {
    let depth = 0
    while (this.at < this.text.length) {
      const character = this.text[this.at]
      if (character === '"') {
        this.string()
        continue
      }
      this.at++
      if (character === "{") depth++
      if (character === "}" && --depth === 0) return
    }
    throw this.wrong("a template is not closed")
  }

  private quoted(): string | null {
    if (this.text[this.at] !== '"') return null
    const begin = this.at
    this.string()
    return this.text.slice(begin + 1, this.at - 1)
  }

  private skip(lines: boolean): void {
    while (this.match(SPACE) !== null || (lines && this.text[this.at] === "\n" && ++this.at));
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (found === null) return null
    this.at = pattern.lastIndex
    return found[0]
  }

  private line(): number {
    return this.text.slice(0, this.at).split("\n").length
  }

  private wrong(what: string): HclError {
    return new HclError(what, this.line())
  }
}
