import { describe, expect, test } from "vitest"
import {
  allNames,
  canonical,
  namesIn,
  peopleOf,
  personWith,
  shared,
} from "../../../modules/deploy/program/environment/people.ts"

describe("a name's one form", () => {
  test.each([
    ["Ada@Example.org", "ada@example.org"],
    ["  ada@example.org ", "ada@example.org"],
    ["ada+deploy@example.org", "ada@example.org"],
    ["ada+a+b@example.org", "ada@example.org"],
    ["a\u200bda@exam\u2060ple.org", "ada@example.org"],
    ["\ufeffada@example.org", "ada@example.org"],
    ["ada\u00ad@example.org", "ada@example.org"],
    ["\u202eada@example.org", "ada@example.org"],
    ["ada\u{e0061}@example.org", "ada@example.org"],
    ["ada\ufe0f@example.org", "ada@example.org"],
    ["ａｄａ＠ｅｘａｍｐｌｅ．ｏｒｇ", "ada@example.org"],
    ["ada@example.org.", "ada@example.org"],
    ["ada@bücher.example", "ada@xn--bcher-kva.example"],
    ["A.d.a@gmail.com", "ada@gmail.com"],
    ["ada@googlemail.com", "ada@gmail.com"],
    ["a.d.a@example.org", "a.d.a@example.org"],
    ["+ada@example.org", "+ada@example.org"],
    ["@Ada-L", "ada-l"],
    ["Ada  Lovelace", "adalovelace"],
    ["Ada\u00a0Lovelace", "adalovelace"],
    ["José", canonical("Jose\u0301")],
    ["\u200b \u2060", ""],
  ])("of %j is %j", (text, form) => expect(canonical(text)).toBe(form))

  test("is its own form", () => {
    for (const text of ["Ada <Ada+x@Example.org>", "123+Ada-L@users.noreply.github.com", "ＡＤＡ"])
      for (const name of namesIn(text)) expect(namesIn(name)).toContain(name)
  })
})

describe("the names in a text", () => {
  test.each([
    ["Ada Lovelace <ada@example.org>", ["adalovelace", "ada@example.org"]],
    ["<ada@example.org>", ["ada@example.org"]],
    ["Ada <>", ["ada"]],
    ["Ada <Ada> <ada@example.org>", ["ada<ada>", "ada@example.org"]],
    ["1234+ada-l@users.noreply.github.com", ["1234+ada-l@users.noreply.github.com", "ada-l"]],
    ["ada-l@users.noreply.github.com", ["ada-l@users.noreply.github.com", "ada-l"]],
    ["77-ada.l@users.noreply.gitlab.com", ["77-ada.l@users.noreply.gitlab.com", "ada.l"]],
    ["", []],
  ])("of %j are %j", (text, names) => expect(namesIn(text)).toEqual(names))
})

const identity = (also: readonly string[], keys: readonly string[] = []) => ({ also, keys })

describe("the people of slipway.yaml", () => {
  const people = peopleOf({
    "Ada Lovelace <ada@example.org>": identity(["ada-l", "ada@home.example"]),
    "ben@example.org": identity([]),
  })

  test.each([
    ["ADA-L", "Ada Lovelace <ada@example.org>"],
    ["Somebody <ada+x@home.example>", "Ada Lovelace <ada@example.org>"],
    ["9+ada-l@users.noreply.github.com", "Ada Lovelace <ada@example.org>"],
    ["ada lovelace", "Ada Lovelace <ada@example.org>"],
    ["Ben@Example.org", "ben@example.org"],
    ["ben", undefined],
  ])("are found by any name: %s", (name, found) =>
    expect(personWith(people, namesIn(name))?.name).toBe(found))

  test("add all their names to those of a list", () =>
    expect(allNames(people, ["Ada Home <ada@home.example>", "cleo"])).toEqual(
      new Set(["adahome", "ada@home.example", "cleo", "adalovelace", "ada@example.org", "ada-l"]),
    ))

  test("share no name and no key, however it is written", () => {
    const key = "ssh-ed25519 AAAA"
    expect(shared({ "a@x.org": identity(["L"]), "b@x.org": identity(["m"], [key]) })).toBeNull()
    expect(shared({ "a@x.org": identity(["L"]), "b@x.org": identity(["@l"]) })).toEqual({
      what: "l",
      who: ["a@x.org", "b@x.org"],
    })
    expect(shared({ "a@x.org": identity([]), "A+b@x.org": identity([]) })?.what).toBe("a@x.org")
    expect(
      shared({ "a@x.org": identity([], [`${key} laptop`]), "b@x.org": identity([], [`${key}  work`]) })?.what,
    ).toBe(key)
    expect(shared({ "a@x.org": identity(["a@x.org", "A@x.org"], [key, `${key} again`]) })).toBeNull()
  })
})
