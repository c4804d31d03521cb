import type { Config } from "../config/config.js"
import { registryStore } from "./registry.js"
import { bucketStore } from "./s3.js"
import type { Remote } from "./store.js"

type Settings = NonNullable<Config["results"]>
type Kind = (settings: Settings, login: string | null) => Remote | null

/** The kinds of stores beside a folder, by their keys in `results`. */
const KINDS: Readonly<Record<"s3" | "registry", Kind>> = {
  s3: ({ s3, region, endpoint }, login) =>
    s3 === null || region === null ? null : bucketStore({ s3, region, endpoint }, login),
  registry: ({ registry }, login) => (registry === null ? null : registryStore({ registry }, login)),
}

/** Returns the store of `results` that is reached over the network; null for a folder. */
export const remoteOf = (settings: Settings, login: string | null): Remote | null =>
  Object.values(KINDS)
    .map((kind) => kind(settings, login))
    .find((remote) => remote !== null) ?? null
