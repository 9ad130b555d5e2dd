/**
 * Text that is HTML or SVG already. Everything else that meets a template of this room is a plain
 * value and gets escaped: nobody has to remember to.
 */
export interface Markup {
  readonly markup: string
}

/** What a template may hold: plain values, markup, or a row of markup. */
export type MarkupValue = string | number | Markup | readonly Markup[]

/** Plain text as it may stand in an element or a quoted attribute. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"'\p{Cc}]/gu, (character) => ESCAPES.get(character) ?? '')
}

/** Template tag: what is written in the template is markup, what is put in is escaped. */
export function markup(parts: TemplateStringsArray, ...values: MarkupValue[]): Markup {
  return { markup: String.raw({ raw: parts }, ...values.map(insert)) }
}

function insert(value: MarkupValue): string {
  if (typeof value === 'string') return escapeMarkup(value)
  if (typeof value === 'number') return String(value)
  if ('markup' in value) return value.markup
  return value.map((part) => part.markup).join('\n')
}

/** Control characters are no characters of HTML; the three that are white space stay. */
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
