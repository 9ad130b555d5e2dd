/**
 * Resolves a colour of the style sheet for a canvas: a variable may depend on the theme, which only the property of an
 * element resolves.
 */
export function colourOf(element: Element, variable: string): string {
  const probe = document.createElement('span')
  probe.style.color = variable.startsWith('var(') ? variable : `var(${variable})`
  element.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
