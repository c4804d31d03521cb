/** Compares people, whatever they are called. This file and its copy are the same. */
import { domainToASCII } from "node:url"

/** Characters that are invisible: zero-width ones, marks of direction, control characters; and blanks. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{White_Space}]/gu
/** Mail providers that ignore dots in an address. */
const DOTLESS = new Set(["gmail.com", "googlemail.com"])
/** Addresses that GitHub and GitLab generate: `123+ada@users.noreply.github.com`, `123-ada@users.noreply.gitlab.com`. */
const NOREPLY = /^(?:(?:\d+[+-])?)([^@]+)@users\.noreply\./
const CONTACT = /^(.*?)<([^<>]*)>\s*$/su

/** Returns one form for all spellings of a name, login or address; "" if nothing of it is visible. */
export function canonical(text: string): string {
  const plain = text.normalize("NFKC").replace(UNSEEN, "").toLowerCase().normalize("NFKC").replace(/^@/, "")
  const at = plain.lastIndexOf("@")
  return at <= 0 || NOREPLY.test(plain) ? plain : mailbox(plain.slice(0, at), plain.slice(at + 1))
}

/** `ada+work@Example.org` is the mailbox of `ada@example.org`. */
function mailbox(local: string, domain: string): string {
  const host = domainToASCII(domain).replace(/\.$/, "") || domain
  const [name = ""] = local.split("+")
  const box = name === "" ? local : name
  return DOTLESS.has(host) ? `${box.replaceAll(".", "")}@gmail.com` : `${box}@${host}`
}

/** Returns all names in a text such as `Ada <ada@example.org>`, each in its one form. */
export function namesIn(text: string): readonly string[] {
  const [, name = "", address = ""] = CONTACT.exec(text.normalize("NFKC")) ?? []
  const parts = name + address === "" ? [text] : [name, address]
  const names = parts.map(canonical).flatMap((one) => {
    const [, login] = NOREPLY.exec(one) ?? []
    return login === undefined ? [one] : [one, login]
  })
  return [...new Set(names)].filter((one) => one !== "")
}

/** What slipway.yaml says of a person. */
export interface Identity {
  readonly also: readonly string[]
  readonly keys: readonly string[]
}

/** Everybody whom slipway.yaml knows, by address. */
export type Identities = Readonly<Record<string, Identity>>

/** A person of slipway.yaml. */
export interface Person {
  /** As slipway.yaml names them. */
  readonly name: string
  /** All their names, each in its one form. */
  readonly names: ReadonlySet<string>
  readonly keys: readonly string[]
}

/** Returns the people of an environment, with all their names and the comparable part of their keys. */
export const peopleOf = (identities: Identities): readonly Person[] =>
  Object.entries(identities).map(([name, { also, keys }]) => ({
    name,
    names: new Set([name, ...also].flatMap(namesIn)),
    keys: keys.map(keyPart),
  }))

/** Returns type and body of an SSH public key, without its comment. */
export const keyPart = (line: string): string => line.trim().split(/\s+/).slice(0, 2).join(" ")

/** Returns the person who has one of these names; null: slipway.yaml does not know them. */
export const personWith = (people: readonly Person[], names: readonly string[]): Person | null =>
  people.find((person) => names.some((name) => person.names.has(name))) ?? null

/** Returns all names of everybody in a list of texts: those of the texts, and those that slipway.yaml adds. */
export function allNames(people: readonly Person[], texts: readonly string[]): ReadonlySet<string> {
  const own = texts.map(namesIn)
  const known = own.flatMap((names) =>
    people
      .filter((person) => names.some((name) => person.names.has(name)))
      .flatMap(({ names }) => [...names]),
  )
  return new Set([...own.flat(), ...known])
}

/** Returns the first name or key that two people in slipway.yaml share, and who they are; null if they share none. */
export function shared(
  identities: Identities,
): { readonly what: string; readonly who: readonly [string, string] } | null {
  const owner = new Map<string, string>()
  for (const { name, names, keys } of peopleOf(identities))
    for (const what of [...names, ...keys]) {
      const other = owner.get(what)
      if (other !== undefined && other !== name) return { what, who: [other, name] }
      owner.set(what, name)
    }
  return null
}
