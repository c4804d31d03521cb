import { plural, thousands } from "../src/formats/figures.js"
import { make, makeButton } from "./dom.js"

/** What a list shows at first, and how it goes on. */
export interface Pages<Item> {
  readonly items: readonly Item[]
  readonly row: (item: Item) => HTMLElement
  /** What an item is called, in the singular. */
  readonly noun: string
}

/** Rows that are made at once: 5,000 would freeze a phone. */
export const PAGE = 100

/**
 * Fills a list with the first page of items, and puts a button for the next behind it.
 *
 * @param outer what the list is part of: a table, whose rows go into its body.
 */
export function paged<Item>(
  list: HTMLElement,
  { items, row, noun }: Pages<Item>,
  outer: HTMLElement = list,
): HTMLElement {
  let shown = 0
  const grow = (): Element | undefined => {
    const first = list.childElementCount
    list.append(...items.slice(shown, shown + PAGE).map(row))
    shown = Math.min(items.length, shown + PAGE)
    const left = items.length - shown
    const next = plural(Math.min(PAGE, left), `more ${noun}`)
    button.textContent = `Show ${next}, ${thousands(left)} left`
    button.hidden = left === 0
    return list.children[first]
  }
  const button = makeButton("more", "", () => {
    const next = grow()
    if (!(next instanceof HTMLElement)) return
    // The button may be gone now: whoever goes on by keyboard begins at the first new row.
    next.tabIndex = -1
    next.focus({ preventScroll: true })
  })
  const holder = make("div", "", outer)
  grow()
  if (!button.hidden) holder.append(button)
  return holder
}
