import { plural, thousands } from "../src/formats/figures.js"
import { make } from "./dom.js"

/** What the controls of a list are set to; an empty string filters nothing. */
export interface Filter {
  /** In lower case. */
  readonly text: string
  readonly kind: string
  /** One of several, separated by blanks. */
  readonly standing: string
  readonly tool: string
}

/** A long list of the page. */
export interface List<Item> {
  readonly total: number
  /** What is counted, in the singular. */
  readonly noun: string
  readonly pick: (filter: Filter) => readonly Item[]
  readonly size: (items: readonly Item[]) => number
  readonly show: (items: readonly Item[], filtered: boolean) => HTMLElement
}

/** Joins what a row is searched by. */
export const searchable = (...texts: readonly string[]): string => texts.join("\n").toLowerCase()

/** Shows a list in its panel, and shows it anew when a control changes; nothing where the page has no such panel. */
export function start<Item>(id: string, list: List<Item>): void {
  const panel = document.getElementById(`${id}-panel`)
  const state = panel?.querySelector(".state")
  const rows = panel?.querySelector(".rows")
  if (!panel || !state || !rows) return
  const setting = (selector: string): string =>
    panel.querySelector<HTMLInputElement | HTMLSelectElement>(selector)?.value ?? ""
  const update = (): void => {
    const filter: Filter = {
      text: setting("input[type=search]").trim().toLowerCase(),
      kind: setting("input[type=radio]:checked"),
      standing: setting("select[name=standing]"),
      tool: setting("select[name=tool]"),
    }
    const picked = list.pick(filter)
    const size = list.size(picked)
    const filtered = Object.values(filter).some((value) => value !== "")
    const all = plural(list.total, list.noun)
    state.textContent = filtered ? `${thousands(size)} of ${all}` : all
    rows.replaceChildren(size === 0 ? make("p", "empty", "No matches.") : list.show(picked, filtered))
  }
  panel.addEventListener("input", update)
  panel.hidden = false
  update()
}
