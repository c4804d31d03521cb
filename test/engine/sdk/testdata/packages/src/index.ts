import { dag, func, object } from "@dagger.io/dagger"
import { getTracer } from "@dagger.io/dagger/telemetry"
import { trace } from "@opentelemetry/api"
import pino from "pino"
import ts from "typescript"
import { parse, stringify } from "yaml"
import { z } from "zod"

/** Uses packages: plain ones, one that loads files from its own folder, and spans. */
@object()
export class Packages {
  @func()
  yaml(text: string): string {
    return stringify(z.object({ a: z.number() }).parse(parse(text))).trim()
  }

  @func()
  invalid(): string {
    return z.string().safeParse(3).error instanceof z.ZodError ? "a ZodError" : "no ZodError"
  }

  @func({ cache: "never" })
  async logged(): Promise<string> {
    const lines: string[] = []
    const log = pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(line) })
    log.info({ n: 1 }, "logged")
    return lines.join("").trim()
  }

  /** pino's transports run in threads, from files of its package. */
  @func({ cache: "never" })
  async transported(): Promise<string> {
    const transport = pino.transport({ target: "pino/file", options: { destination: "/tmp/log" } })
    const log = pino({ base: null, timestamp: false }, transport)
    log.info("through a thread")
    await new Promise((resolve) => log.flush(resolve))
    const { readFile } = await import("node:fs/promises")
    return (await readFile("/tmp/log", "utf8")).trim()
  }

  @func()
  compiler(): string {
    return ts.version
  }

  @func({ cache: "never" })
  async spans(): Promise<string> {
    const parent = (process.env.TRACEPARENT ?? "").split("-")[1]
    return getTracer().startActiveSpan("outer work", async (span) => {
      const inner = await getTracer("mine").startActiveSpan("inner work", async (child) => {
        await dag.directory().withNewFile("x", `${Date.now()}`).entries()
        return child.spanContext()
      })
      const own = span.spanContext()
      const active = trace.getActiveSpan()?.spanContext().spanId === own.spanId
      return `${own.traceId === parent} ${inner.traceId === own.traceId} ${inner.spanId !== own.spanId} ${active}`
    })
  }
}
