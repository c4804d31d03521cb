const SVG = "http://www.w3.org/2000/svg"

/** Makes an element. Strings among its children become text, never markup: nothing out of a run can be run. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className: string,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag)
  if (className !== "") node.className = className
  node.append(...children)
  return node
}

/** Makes an SVG element, with its attributes by name. */
export function makeSvg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly Node[]
): SVGElementTagNameMap[Tag] {
  const node = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  node.append(...children)
  return node
}

/** Text for screen readers alone. */
export const screenReaderText = (text: string): HTMLElement => make("span", "sr", text)

/** Makes a button that does what its text says. */
export function makeButton(className: string, text: string, act: () => void): HTMLButtonElement {
  const button = make("button", className, text)
  button.type = "button"
  button.addEventListener("click", act)
  return button
}
