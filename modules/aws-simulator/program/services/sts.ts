/** STS: identities and role sessions. */
import { AwsError } from "../error.ts"
import { type Fields, numberOr, text } from "../fields.ts"
import { globalArn, hex, nameIn } from "../ids.ts"
import { type Answer, looks, mutates, type Operations } from "../operation.ts"
import { next, type State, second } from "../state.ts"

const DURATION = 3600

/** Returns the account of the caller: the scenario may give another one than the world's. */
export const accountOf = (state: State): string => state.scenario.callerAccount ?? state.world.account

function assume(state: State, input: Fields): Answer {
  const role = text(input, "RoleArn")
  const session = text(input, "RoleSessionName")
  const account = role.split(":")[4] ?? state.world.account
  const [number, counted] = next(state)
  const unique = hex(`session/${number}`, 16).toUpperCase()
  const accessKeyId = `ASIA${unique}`
  const arn = globalArn(
    { region: state.world.region, account },
    "sts",
    `assumed-role/${nameIn(role)}/${session}`,
  )
  const sessions = { ...state.sessions, [accessKeyId]: { arn, issuedAt: state.now } }
  // The SDK compares the end of a session with the real clock.
  const from = Math.max(state.now, Date.now())
  const output = {
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: hex(`secret/${number}`, 40),
      SessionToken: hex(`token/${number}`, 64),
      Expiration: new Date(from + numberOr(input, "DurationSeconds", DURATION) * second),
    },
    AssumedRoleUser: { AssumedRoleId: `AROA${hex(role, 16).toUpperCase()}:${session}`, Arn: arn },
  }
  return { state: { ...counted, sessions }, output }
}

/** Returns the claims of a token. The signature is not checked. */
function subjectOf(token: string): Fields {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString())
    return typeof claims === "object" && claims !== null ? { ...claims } : {}
  } catch {
    throw new AwsError("InvalidIdentityToken", "The ID Token provided is not a valid JWT.")
  }
}

export const sts: Operations = {
  GetCallerIdentity: looks((state, _input, { principal }) => ({
    UserId: `AIDA${hex(principal, 16).toUpperCase()}`,
    Account: accountOf(state),
    Arn: principal,
  })),
  AssumeRole: mutates(assume),
  AssumeRoleWithWebIdentity: mutates((state, input) => {
    const claims = subjectOf(text(input, "WebIdentityToken"))
    const { state: after, output } = assume(state, input)
    const named = {
      ...output,
      SubjectFromWebIdentityToken: String(claims.sub ?? ""),
      Audience: String(claims.aud ?? ""),
      Provider: String(claims.iss ?? ""),
    }
    return { state: after, output: named }
  }),
}
