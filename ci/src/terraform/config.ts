import * as z from "zod/mini"
import {
  about,
  folder,
  INSIDE,
  keyed,
  list,
  map,
  name,
  orNull,
  section,
  text,
  whole,
} from "../config/parts.js"
import type { CausesOf, Room, SectionsOf } from "../config/room.js"

const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/
const ADDRESS = /^[\w-]+(\.[\w-]+|\["[^"]*"\]|\[\d+\])+$/

const plain = () =>
  z.union([z.string(), z.number(), z.boolean()], "text, a number, true or false") satisfies z.ZodMiniType

const environment = () =>
  keyed({
    root: about("The root module, where there are several.", orNull(folder())),
    account: about(
      "The AWS account of the role; that of environments.<name> otherwise.",
      orNull(text("an account's twelve digits, in quotes", /^\d{12}$/)),
    ),
    role: about(
      "The name of the role that a CI vendor's token is exchanged for; that of environments.<name> otherwise.",
      orNull(text("the name of a role", /^[\w+=,.@-]+$/)),
    ),
    workspace: about("The workspace of the state.", z._default(text("a name", /^[\w.-]+$/), "default")),
    backend: about(
      "Settings of the backend that the configuration leaves open (-backend-config). Not for secrets.",
      map(
        text("the name of a setting", /^[a-z_]\w*$/),
        z.union(
          [plain(), z.record(text("a name", /^\w+$/), plain())],
          "text, a number, true or false, or a map of them",
        ),
        "a map of settings",
      ),
    ),
    variables: about(
      "Values of variables. Not for secrets: this file is in the repository.",
      map(text("the name of a variable", /^[A-Za-z_][\w-]*$/), plain(), "a map of variables to values"),
    ),
    varFiles: about(
      "Files of variables, relative to the root module.",
      list(text("a path relative to the root module", INSIDE), "a list of paths"),
    ),
  })

const permission = () =>
  keyed({
    address: about("The resource that may be destroyed or replaced.", text("an address", ADDRESS)),
    owner: about("Who answers for it.", text("a name")),
    reason: about("Why it may go.", text("a reason")),
    expires: about(
      "The last day that it holds, 30 days ahead at most.",
      text("a day such as 2026-12-31", DAY),
    ),
  })

const providers = () =>
  section({
    folder: about("A folder of the project: a filesystem mirror.", orNull(folder())),
    mirror: about(
      "The address of a network mirror.",
      orNull(text('an address such as "https://mirror.example.org/providers/"', /^https:\/\/\S+\/$/)),
    ),
  })

const drift = () =>
  section({
    elsewhere: about(
      'Attributes that others own, by type of resource: "desired_count", "tags.*".',
      map(
        text("a type of resource", /^\w+$/),
        list(text("an attribute, or a pattern of attributes"), "a list of attributes"),
        "a map of types to attributes",
      ),
    ),
    sightings: about(
      "How often drift must have been seen in a row before it is an alert.",
      z._default(whole("a whole number from 1 to 100", 1, 100), 2),
    ),
  })

/** `terraform` in slipway.yaml. */
const terraform = () =>
  section({
    program: about(
      "The program: Terraform, or OpenTofu.",
      z._default(z.enum(["terraform", "tofu"], "terraform or tofu"), "terraform"),
    ),
    version: about(
      "Its version; .terraform-version (.opentofu-version) and required_version count otherwise.",
      orNull(text('a version such as "1.11.4"', /^\d+\.\d+\.\d+$/)),
    ),
    roots: about(
      "The root modules instead of the detected ones; [] for none.",
      orNull(z.array(folder(), "a list of folders")),
    ),
    tags: about(
      "Tags that each resource with costs must have, by itself or by default_tags.",
      list(text("the name of a tag"), "a list of tags"),
    ),
    providers: about("Where providers come from instead of their registry.", providers()),
    environments: about(
      "Environments, by the name that --env takes.",
      map(name(), environment(), "a map of environments to settings"),
    ),
    stateful: about(
      "Types of resources that hold data, beside those that Slipway knows.",
      list(text("a type of resource", /^\w+$/), "a list of types"),
    ),
    permissions: about(
      "Resources with data that may be destroyed or replaced, for a time.",
      z._default(z.array(permission(), "a list of permissions"), []),
    ),
    drift: about("What counts as drift.", drift()),
  })

/** Infrastructure by Terraform or OpenTofu. */
export const ROOM = {
  sections: () => ({
    terraform: about("Infrastructure by Terraform or OpenTofu.", terraform()),
  }),
  stages: {
    "terraform-fmt": "The formatting of Terraform files.",
    "terraform-validate": "Each Terraform root module, validated with its providers.",
    "terraform-policy": "Required tags and plain secrets in Terraform files.",
  },
  gates: {
    "terraform-fmt": { gate: "added" },
    "terraform-policy": { gate: "added", ownBy: ["terraform"] },
  },
  causes: {
    stale: { code: 60, meaning: "a Terraform plan is stale" },
    locked: { code: 61, meaning: "another run holds the lock of the Terraform state" },
    drift: { code: 62, meaning: "the infrastructure drifted" },
  },
} as const satisfies Room

declare module "../config/config.js" {
  interface Config extends SectionsOf<typeof ROOM> {}
}
declare module "../run/causes.js" {
  interface Causes extends CausesOf<typeof ROOM> {}
}
