/**
 * Stands in for the `graphql-request` package inside the SDK: the query builder needs an error to recognise
 * and a template tag, not the package's parser and its `fetch`.
 */
export { ClientError, GraphQLClient } from "./http.js"

/** Joins a template literal without parsing it. */
export function gql(strings: TemplateStringsArray, ...values: readonly unknown[]): string {
  return strings.reduce((all, part, i) => `${all}${part}${i < values.length ? String(values[i]) : ""}`, "")
}
