import type { Config } from "../../ci/src/config/config.js"
import {
  ENVIRONMENT,
  type Files,
  marked,
  parts,
  SLIPWAY,
  type Work,
} from "../../ci/src/vendors/wrappers/wrapper.js"
import { DAGGER_VERSION } from "../../engine/binaries.js"
import { type Place, placesOf } from "./places.js"

/** Where CI gets Slipway from: a git address and a commit, or this repository itself. */
export type Pin = { readonly address: string; readonly commit: string } | "checkout"

/** SHA-256 of the Dagger client's release archives, by what `uname -sm` prints. */
const CLIENTS = {
  "Linux x86_64": ["linux_amd64", "53e226c7da8fb75171e58c35759d736d961ce8b3a12db0baa7b7107954fccc5a"],
  "Linux aarch64": ["linux_arm64", "cd0df4885f2050082932b4abc5a6aad9a733f6aa4e7d8474740558517ffec4af"],
} as const

/** Renders the scripts that the files of every vendor run. */
export const scripts = (work: Work, pin: Pin, config: Config): Files => ({
  [SLIPWAY]: script(work, slipwayScript(pin)),
  ...(work.targets.length > 0 && { [ENVIRONMENT]: script(work, environmentScript(config)) }),
})

const script = (work: Work, body: string): string => `#!/bin/sh\n${marked(work, body)}`

/** Fetches by commit, which is a checksum of the whole content. */
const checkout = ({ address, commit }: Exclude<Pin, "checkout">): string => `commit=${commit}
slipway=$cache/source-$commit
if [ ! -e "$slipway" ]; then
	next=$slipway.$$
	{ git init --quiet "$next" && git -C "$next" fetch --quiet --depth 1 '${address}' "$commit" &&
		git -C "$next" -c advice.detachedHead=false checkout --quiet "$commit"; } || fail "cannot fetch Slipway from ${address}"
	mv "$next" "$slipway" 2>/dev/null || rm -rf "$next"
fi
`

const slipwayScript = (
  pin: Pin,
): string => `# Runs Slipway, and where Docker is or an engine is named, with the Dagger client that belongs to it. Both are verified by
# checksum.
set -eu
fail() { echo "slipway: $1" >&2 && exit 17; }
cache=\${SLIPWAY_HOME:-$HOME/.cache/slipway}
mkdir -p "$cache"
${pin === "checkout" ? 'slipway=$(dirname -- "$0")/..\n' : checkout(pin)}client=$cache/client-${DAGGER_VERSION}
engine() { [ -n "\${_EXPERIMENTAL_DAGGER_RUNNER_HOST:-}" ] || docker info >/dev/null 2>&1; }
if engine && ! dagger version 2>/dev/null | grep -q '^dagger ${DAGGER_VERSION} '; then
	if [ ! -e "$client/dagger" ]; then
		case $(uname -sm) in
${Object.entries(CLIENTS)
  .map(([system, [name, sum]]) => `		'${system}') name=${name} sum=${sum} ;;`)
  .join("\n")}
		*) fail "no Dagger client for $(uname -sm) is known: install ${DAGGER_VERSION}" ;;
		esac
		next=$client.$$ && mkdir -p "$next"
		curl -fsSL -o "$next/archive" "https://dl.dagger.io/dagger/releases/${DAGGER_VERSION.slice(1)}/dagger_${DAGGER_VERSION}_$name.tar.gz" ||
			fail "cannot download the Dagger client"
		echo "$sum  $next/archive" | sha256sum -c - >/dev/null || fail "the Dagger client has another checksum: not used"
		tar -xzf "$next/archive" -C "$next" dagger && rm "$next/archive"
		mv "$next" "$client" 2>/dev/null || rm -rf "$next"
	fi
	PATH=$client:$PATH
fi
exec "$slipway/slipway" "$@"
`

/** Returns whether an environment deploys only what its live release was tried with. */
const isTried = ({ environments }: Config, name: string): boolean =>
  environments[name]?.migration?.compatible === "required"

const triesAny = (config: Config): boolean =>
  Object.keys(config.environments).some((name) => isTried(config, name))

/** The result lies in the environment's bucket, where the deployment looks for it. */
const TRIES = `	for one in $compatible; do
		if [ -z "$from" ]; then set -- --images "$(cat "$work/images")"; else set -- --from "$from"; fi
		slipway compatible . "$@" --env "$one" $login $aws
	done
`

/** Waves have no name of an environment, even where they are of one. */
const wavesIn = (config: Config): readonly Place[] =>
  placesOf(config).filter(({ name }) => !Object.hasOwn(config.environments, name))

/** The lines of the table of environments and waves. Waves have the account of their first environment. */
function places(config: Config): readonly string[] {
  const all = placesOf(config)
  const environments = Object.keys(config.environments).map((name) => ({ name, environments: [name] }))
  return [...environments, ...wavesIn(config)].map((place) => {
    const at = all.findIndex(({ name, environments }) => [name, ...environments].includes(place.name))
    return placeCase(config, place, all[at - 1]?.environments.at(-1) ?? "")
  })
}

/** @param from the environment that the release comes from; "" for the check. */
function placeCase(config: Config, { name, environments }: Place, from: string): string {
  const { account = "", region = "", role = "" } = config.environments[environments[0] ?? ""] ?? {}
  const roles = new Set(environments.map((one) => rolesOf(config, one)))
  const values = {
    account,
    region,
    role,
    from,
    drift: Object.hasOwn(config.terraform.environments, name) ? "yes" : "",
    ...(triesAny(config) && {
      compatible: quoted(environments.filter((one) => isTried(config, one)).join(" ")),
    }),
    ...(wavesIn(config).length > 0 && { roles: roles.size }),
  }
  const words = Object.entries(values).map(([key, value]) => `${key}=${value}`)
  return `${name}) ${words.join(" ")} ;;`
}

const quoted = (words: string): string => (words.includes(" ") ? `'${words}'` : words)

const rolesOf = ({ environments }: Config, name: string): string => {
  const { account = "", role = "" } = environments[name] ?? {}
  return `${account} ${role}`
}

/** The machine's own role assumes one. */
const ONE_ROLE = `	[ $roles -eq 1 ] || {
		echo "slipway: $name needs the roles of several accounts, and the CI vendor's token (AWS_TOKEN): deploy its environments by name" >&2
		exit 2
	}
`

/** Runs Slipway in a script that gets signals: they reach it, which ends its run; the script waits for that. */
const WITH_SIGNALS = `work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
# A signal reaches Slipway, which ends its run; the script waits for that.
child=
trap '[ -n "$child" ] || exit 130; stopped=yes; kill -TERM $child' INT TERM HUP
slipway() {
	sh ${SLIPWAY} "$@" &
	child=$! ended=130
	# A signal ends the wait; what ended before has no second one (127).
	while
		stopped=
		wait $child && now=0 || now=$?
		[ $now -eq 127 ] || ended=$now
		[ -n "$stopped" ]
	do :; done
	child=
	return $ended
}`

/** Credentials of AWS and of the registry, as options. */
const credentials = (config: Config): string => `# Version 1 of the AWS CLI reads the second name alone.
export AWS_REGION="$region" AWS_DEFAULT_REGION="$region" AWS_ROLE_ARN="arn:aws:iam::$account:role/$role"
if [ -n "\${AWS_TOKEN:-}" ]; then
	printf %s "$AWS_TOKEN" >"$work/token"
	export AWS_WEB_IDENTITY_TOKEN_FILE="$work/token"
	aws="--aws-web-identity-token env://AWS_TOKEN"
else
${parts(wavesIn(config).length > 0 && ONE_ROLE)}	# shellcheck disable=SC2046
	set -- $(aws sts assume-role --role-arn "$AWS_ROLE_ARN" --role-session-name slipway --output text \\
		--query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]')
	export AWS_ACCESS_KEY_ID="$1" AWS_SECRET_ACCESS_KEY="$2" AWS_SESSION_TOKEN="$3"
	aws="--aws-access-key-id env://AWS_ACCESS_KEY_ID --aws-secret-access-key env://AWS_SECRET_ACCESS_KEY --aws-session-token env://AWS_SESSION_TOKEN"
fi
REGISTRY_PASSWORD=$(aws ecr get-login-password)
export REGISTRY_PASSWORD
login="--username AWS --registry-password env://REGISTRY_PASSWORD"
notify=\${NOTIFICATIONS:+--notifications env://NOTIFICATIONS}`

const deployCase = (config: Config): string => `deploy)
	# shellcheck disable=SC2086
	sh ${SLIPWAY} approvals \${APPROVERS:-} >"$work/approvals.json"
	# What people signed with \`slipway approve\`, for vendors whose own approvals the deployer cannot ask for.
	[ -z "\${SIGNED_APPROVALS:-}" ] || printf '%s\\n' "$SIGNED_APPROVALS" >>"$work/approvals.json"
	ask=\${APPROVAL_TOKEN:+--approval-token env://APPROVAL_TOKEN}
	track=\${DEPLOYMENT_TOKEN:+--deployment-token env://DEPLOYMENT_TOKEN}
	if [ -z "$from" ]; then
		slipway image push . --registry "\${REGISTRY:-$account.dkr.ecr.$region.amazonaws.com}" $login >"$work/images"
		# This runner may have built other images than the check: what its evidence is not of is looked at as it was pushed.
		slipway image check . --images "$(cat "$work/images")" --evidence .slipway $login export --path .slipway/pushed
		slipway image sign . --images "$(cat "$work/images")" --evidence .slipway $login \\
			--signing-key env://SIGNING_KEY --signing-password env://SIGNING_PASSWORD
	fi
${parts(triesAny(config) && TRIES)}	if [ -z "$from" ]; then set -- deploy . --images "$(cat "$work/images")"; else set -- promote . --from "$from"; fi
	# 42: a newer deployment took its place, which is not red.
	slipway "$@" --env "$name" --key cosign.pub --approvals "$work/approvals.json" $login $aws $notify $ask $track || {
		code=$?
		[ $code -eq 42 ] || exit $code
	}
	;;`

const WATCH_CASE = `watch)
	code=0
	if [ -n "$drift" ]; then
		# Two looks: what a person is just changing is no drift.
		slipway infra drift --env "$name" $aws export --path "$work/first"
		sleep "\${BETWEEN:-600}"
		slipway infra drift --env "$name" --sightings "$work/first/sightings.json" $aws export --path "$work/drift"
		slipway infra alert --drift "$work/drift" || code=$?
	fi
	slipway scan live . --env "$name" $login $aws || code=$?
	exit $code
	;;`

const environmentScript = (
  config: Config,
): string => `# Takes the checked commit to an environment: deploy NAME. Looks for drift there, and scans what runs: watch NAME.
# AWS_TOKEN is the vendor's identity token; without one, the machine's own role assumes that of the environment.
set -eu
action=$1 name=$2
case $name in
${places(config).join("\n")}
*) echo "slipway: unknown environment: $name" >&2 && exit 2 ;;
esac
${WITH_SIGNALS}
${credentials(config)}
case $action in
${deployCase(config)}
${WATCH_CASE}
*) echo "slipway: deploy or watch, not $action" >&2 && exit 2 ;;
esac
`
