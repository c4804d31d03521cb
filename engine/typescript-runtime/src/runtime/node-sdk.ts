import { context, propagation, trace } from "@opentelemetry/api"
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks"
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core"
import { detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources"
import { BasicTracerProvider, type SpanProcessor } from "@opentelemetry/sdk-trace-base"

/**
 * Stands in for `@opentelemetry/sdk-node` in a function call: spans through the given processors, their context
 * across awaits, W3C headers. The package itself loads every exporter there is.
 */
export class NodeSDK {
  readonly #provider: BasicTracerProvider

  constructor(options: { readonly serviceName: string; readonly spanProcessors: SpanProcessor[] }) {
    const resource = resourceFromAttributes({ "service.name": options.serviceName }).merge(
      detectResources({ detectors: [envDetector] }),
    )
    this.#provider = new BasicTracerProvider({ resource, spanProcessors: options.spanProcessors })
  }

  start(): void {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    propagation.setGlobalPropagator(
      new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
    )
    trace.setGlobalTracerProvider(this.#provider)
  }

  shutdown(): Promise<void> {
    return this.#provider.shutdown()
  }
}
