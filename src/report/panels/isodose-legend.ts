import { plain } from '../drawing/format.js'
import { isodoseLabel, ISODOSE_LEVELS } from './isodose.js'
import type { IsodoseLevel } from './isodose.js'
import { casingStroke, isodoseStroke } from './isodose-stroke.js'
import { markup } from '../drawing/markup.js'
import type { Markup } from '../drawing/markup.js'

/** The legend for plans with these prescriptions: the line, its dose in Gy and in percent. */
export function renderIsodoseLegend(
  prescriptionsGy: readonly number[],
  levels: readonly IsodoseLevel[] = ISODOSE_LEVELS,
): Markup {
  const doses = [...new Set(prescriptionsGy)]
  const known = doses.length === 0 ? '' : `, ${doses.map(plain).join(' / ')} Gy`
  const entries = levels.map(
    (level) => markup`<li>${drawSample(level)} ${isodoseLabel(level, doses)}</li>`,
  )
  return markup`<div class="legend">
<p>Isodose lines (100 % is the prescribed dose of the plan${known})</p>
<ul>
${entries}
</ul>
</div>`
}

/** Width of a plain line in px, as in the pictures on a wide screen. */
const SAMPLE_UNIT = 1.8

/** A sample of the line, on the mid grey of soft tissue in the pictures. */
function drawSample(level: IsodoseLevel): Markup {
  return markup`<svg class="sample" viewBox="0 0 32 14" aria-hidden="true">
<rect width="32" height="14" rx="2" fill="#555"/>
<g fill="none">
<path d="M3 7h26"${casingStroke(SAMPLE_UNIT)}/>
<path d="M3 7h26"${isodoseStroke(level, SAMPLE_UNIT)}/>
</g>
</svg>`
}
