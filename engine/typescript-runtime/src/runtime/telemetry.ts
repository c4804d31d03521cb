import { useTelemetry } from "runtime:sdk"
import { close, getContext, getTracer, initialize } from "sdk:telemetry/telemetry.js"
import * as api from "@opentelemetry/api"

/** Where a header goes that the propagator writes. */
const headers = {
  set: (carrier: Record<string, string>, key: string, value: string) => {
    carrier[key] = value
  },
}

useTelemetry({
  initialize,
  close,
  within: (run) => api.context.with(getContext(), run),
  headers() {
    const carrier: Record<string, string> = {}
    api.propagation.inject(api.context.active(), carrier, headers)
    return carrier
  },
})

export { getTracer }
