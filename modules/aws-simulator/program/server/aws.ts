/** Handles one call of an AWS API: finds service, operation and caller, and responds. */
import { settle } from "../advance.ts"
import { AwsError } from "../error.ts"
import { type Fields, textOr } from "../fields.ts"
import { globalArn, hex } from "../ids.ts"
import type { RestService, Service } from "../operation.ts"
import { errorJson, fromJson, toJson } from "../protocol/json.ts"
import { errorXml, fromForm, toQueryXml } from "../protocol/query.ts"
import { JSON_SERVICES, QUERY_SERVICES, type QueryService, REST_SERVICES } from "../services/index.ts"
import { placeOf, s3, s3Error, s3Operation } from "../services/s3.ts"
import { accountOf } from "../services/sts.ts"
import type { State } from "../state.ts"
import {
  type Codes,
  checkAllowed,
  DENIED_CODES,
  isOneIn,
  JSON_CODES,
  QUERY_CODES,
  REST_CODES,
  S3_CODES,
} from "./allowed.ts"
import type { Request, Response } from "./http.ts"
import type { Rehearsal } from "./rehearsal.ts"

interface Signature {
  readonly accessKey: string
  readonly service: string
}

function signatureOf({ authorization = "" }: Request["headers"]): Signature | null {
  const scope = /Credential=([^/]+)\/[^/]+\/[^/]+\/([^/]+)\//.exec(authorization)
  return scope === null ? null : { accessKey: scope[1] ?? "", service: scope[2] ?? "" }
}

function principalOf(state: State, signature: Signature | null): string {
  if (signature === null) return "anonymous"
  return (
    state.sessions[signature.accessKey]?.arn ??
    globalArn({ region: state.world.region, account: accountOf(state) }, "iam", `user/${signature.accessKey}`)
  )
}

interface Call {
  readonly service: string
  readonly operation: string
  readonly parameters: Fields
  readonly codes: Codes
  readonly mutates: boolean
  readonly conditional: boolean
  readonly signed: Signature | null
  readonly run: (state: State, principal: string) => { readonly state: State; readonly response: Response }
  readonly failed: (error: AwsError) => Response
}

/** The answer of DescribeServices as if the services did not exist. */
const NO_SERVICES: Response = {
  status: 200,
  headers: { "content-type": "application/x-amz-json-1.1" },
  body: toJson({ services: [], failures: [] }),
}

const requestId = (rehearsal: Rehearsal): string =>
  hex(`request/${rehearsal.journal.length}/${rehearsal.clock.now()}`, 32)

const HIDDEN = "***"

/** Hides tokens: they are not stored. */
const noted = (parameters: Fields): Fields =>
  "WebIdentityToken" in parameters ? { ...parameters, WebIdentityToken: HIDDEN } : parameters

/** Performs a call. The journal records it if it changes something. */
function perform(rehearsal: Rehearsal, call: Call): Response {
  const before = rehearsal.look()
  const principal = principalOf(before, call.signed)
  const note = (result: string, denied = false): void => {
    if (!call.mutates && !denied) return
    const { service, operation } = call
    const at = new Date(before.now).toISOString()
    rehearsal.journal.push({ at, principal, service, operation, parameters: noted(call.parameters), result })
  }
  try {
    const count = rehearsal.count()
    checkAllowed(before, { ...call, principal, accessKey: call.signed?.accessKey ?? null }, count)
    if (call.operation === "DescribeServices" && isOneIn(before.scenario.oddOneIn, count)) return NO_SERVICES
    const { state, response } = call.run(before, principal)
    rehearsal.become(settle(state))
    rehearsal.look()
    note("ok")
    return response
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    // A denied call is in the journal even if it only reads.
    note(error.code, DENIED_CODES.has(error.code))
    return call.failed(error)
  }
}

const unknown = (service: string, operation: string): AwsError =>
  new AwsError("UnknownOperationException", `The simulator does not support ${service}:${operation}.`)

/** Returns the parts of a call that all protocols share. @param answered encodes the output. */
function tabled(
  { name, operations }: Pick<Service, "name" | "operations">,
  operation: string,
  parameters: Fields,
  request: Request,
  answered: (output: Fields) => Response,
): Omit<Call, "codes" | "failed"> {
  const found = operations[operation]
  return {
    service: name,
    operation,
    parameters,
    mutates: found?.mutates ?? false,
    conditional: false,
    signed: signatureOf(request.headers),
    run: (state, principal) => {
      if (found === undefined) throw unknown(name, operation)
      const { state: after, output } = found.run(state, parameters, { principal })
      return { state: after, response: answered(output) }
    },
  }
}

function jsonCall(rehearsal: Rehearsal, service: Service, operation: string, request: Request): Call {
  const parameters = fromJson(request.body.toString())
  const type = request.headers["content-type"] ?? "application/x-amz-json-1.1"
  const id = requestId(rehearsal)
  const headers = { "content-type": type, "x-amzn-requestid": id }
  return {
    ...tabled(service, operation, parameters, request, (output) => ({
      status: 200,
      headers,
      body: toJson(output),
    })),
    codes: JSON_CODES,
    failed: (error) => ({
      status: error.status,
      headers: { ...headers, "x-amzn-errortype": error.code },
      body: errorJson(error),
    }),
  }
}

/** Returns the call of a service whose operations are paths; null: it has no such path. */
function restCall(rehearsal: Rehearsal, service: RestService, request: Request): Call | null {
  for (const [operation, { method, path }] of Object.entries(service.routes)) {
    const found = request.method === method ? path.exec(request.path) : null
    if (found === null) continue
    const named = Object.entries(found.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)])
    const body = JSON.stringify(Object.fromEntries(named))
    return {
      ...jsonCall(rehearsal, service, operation, { ...request, body: Buffer.from(body) }),
      codes: REST_CODES,
    }
  }
  return null
}

function queryCall(rehearsal: Rehearsal, service: QueryService, parameters: Fields, request: Request): Call {
  const operation = textOr(parameters, "Action", "")
  const headers = { "content-type": "text/xml" }
  const id = requestId(rehearsal)
  return {
    ...tabled(service, operation, parameters, request, (output) => ({
      status: 200,
      headers,
      body: toQueryXml(operation, output, service, id),
    })),
    codes: QUERY_CODES,
    failed: (error) => ({ status: error.status, headers, body: errorXml(error, service.flat, id) }),
  }
}

function s3Call(rehearsal: Rehearsal, request: Request): Call {
  const place = placeOf(request.path)
  const { "if-match": ifMatch, "if-none-match": ifNoneMatch } = request.headers
  const prefix = request.query.get("prefix") ?? undefined
  const id = requestId(rehearsal)
  return {
    service: "s3",
    operation: s3Operation(request, place.key),
    parameters: { ...place, ifMatch, ifNoneMatch, prefix, body: request.body.toString() },
    codes: S3_CODES,
    mutates: request.method === "PUT" || request.method === "DELETE",
    conditional: ifMatch !== undefined || ifNoneMatch !== undefined,
    signed: signatureOf(request.headers),
    run: (state) => s3(state, request),
    failed: (error) => ({
      status: error.status,
      headers: { "content-type": "application/xml", "x-amz-request-id": id },
      body: request.method === "HEAD" ? "" : s3Error(error, request.path, id),
    }),
  }
}

function callOf(rehearsal: Rehearsal, request: Request): Call {
  const [prefix = "", operation = ""] = (request.headers["x-amz-target"] ?? "").split(".")
  const service = JSON_SERVICES[prefix]
  if (service !== undefined) return jsonCall(rehearsal, service, operation, request)
  const rest = REST_SERVICES[signatureOf(request.headers)?.service ?? ""]
  const byPath = rest === undefined ? null : restCall(rehearsal, rest, request)
  if (byPath !== null) return byPath
  const isForm = (request.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded")
  if (!isForm) return s3Call(rehearsal, request)
  const parameters = fromForm(request.body.toString())
  const action = textOr(parameters, "Action", "")
  const named = QUERY_SERVICES[signatureOf(request.headers)?.service ?? "sts"]
  const query = named ?? Object.values(QUERY_SERVICES).find(({ operations }) => action in operations)
  return query === undefined ? s3Call(rehearsal, request) : queryCall(rehearsal, query, parameters, request)
}

/** Answers a call to AWS. */
export const answerAws = (rehearsal: Rehearsal, request: Request): Response =>
  perform(rehearsal, callOf(rehearsal, request))
