import { GraphQLClient } from "./http.js"
import { propagation } from "./trace.js"

/** Stands in for the SDK's own client factory: the same connection, without its HTTP stack. */
export function createGQLClient(port: number, token: string): GraphQLClient {
  return new GraphQLClient({ port, token }, propagation.headers)
}
