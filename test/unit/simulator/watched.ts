/** Records the raw responses of SDK clients. */
import { Readable } from "node:stream"
import { text } from "node:stream/consumers"

interface Handler {
  handle: (request: never, options?: never) => Promise<{ response: { body?: unknown } }>
}

/** The used part of a client. */
interface Client<Send> {
  readonly config: { requestHandler: Handler }
  readonly send: Send
}

type Note = (operation: unknown, body: string) => void

/**
 * Returns the client's `send`, which passes each response's body and the schema of its operation to `note`.
 */
export function watched<Send extends (command: never) => Promise<unknown>>(
  client: Client<Send>,
  note: Note,
): Send {
  let operation: unknown = null
  const { requestHandler } = client.config
  const handle = requestHandler.handle.bind(requestHandler)
  requestHandler.handle = async (request, options) => {
    const answer = await handle(request, options)
    const { body } = answer.response
    const content = body instanceof Readable ? await text(body) : ""
    note(operation, content)
    answer.response.body = Readable.from([Buffer.from(content)])
    return answer
  }
  return new Proxy(client.send, {
    apply: (send, _self, [command]) => {
      operation = command.schema
      return Reflect.apply(send, client, [command])
    },
  })
}
