/** Text that is already HTML or SVG. Templates of this room escape all other values. */
export interface Markup {
  readonly markup: string
}

/** Values of a template: plain values, markup, or a list of markup. */
export type MarkupValue = string | number | Markup | readonly Markup[]

/** Escapes plain text for use in an element or a quoted attribute. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"'\p{Cc}]/gu, (character) => ESCAPES.get(character) ?? '')
}

/** Template tag: the template is markup, inserted values are escaped. */
export function markup(parts: TemplateStringsArray, ...values: MarkupValue[]): Markup {
  return { markup: String.raw({ raw: parts }, ...values.map(insert)) }
}

function insert(value: MarkupValue): string {
  if (typeof value === 'string') return escapeMarkup(value)
  if (typeof value === 'number') return String(value)
  if ('markup' in value) return value.markup
  return value.map((part) => part.markup).join('\n')
}

/** Control characters are not allowed in HTML, except for three that are white space. */
const ESCAPES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
  ['\n', '\n'],
  ['\r', '\n'],
  ['\t', '\t'],
])
