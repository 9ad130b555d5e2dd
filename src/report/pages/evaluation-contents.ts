import { SECTIONS } from '../figures/evaluation-sections.js'
import { markup } from '../drawing/markup.js'
import type { Markup } from '../drawing/markup.js'

/** The part of the page after the figures. */
export const NUMBERS = { id: 'numbers', heading: 'The figures as numbers' } as const
export const FACTS = { id: 'facts', heading: 'Data and settings of this page' } as const

/** Links to all parts of the page. */
export function renderContents(): Markup {
  const sections = SECTIONS.map(
    ({ heading }, i) => markup`<li><a href="#section-${i + 1}">${heading}</a></li>`,
  )
  const others = [NUMBERS, FACTS].map(
    ({ id, heading }) => markup`<li><a href="#${id}">${heading}</a></li>`,
  )
  return markup`<nav class="contents" aria-label="Contents">
<ol>
${sections}
${others}
</ol>
</nav>`
}
