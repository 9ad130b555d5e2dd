import { isodoseLabel, ISODOSE_LEVELS } from './isodose.js'
import { casingStroke, isodoseStroke } from './isodose-stroke.js'
import { markup } from '../drawing/markup.js'
import type { Markup } from '../drawing/markup.js'
import type { StructureStyle } from '../drawing/structure-style.js'

/** Width of one entry: a row holds seven isodose lines or eight structures. */
const STEP = { isodose: 156, structure: 136 } as const

/** The legend of isodose lines as a row of a drawing, in percent and in Gy of these prescriptions. */
export function drawIsodoseRow(y: number, prescriptions: readonly number[]): Markup {
  const entries = ISODOSE_LEVELS.map((level, i) => {
    const x = i * STEP.isodose
    const line = `M${x + 2} 0h24`
    return markup`<rect x="${x}" y="-7" width="28" height="14" rx="2" fill="#555"/>
<path d="${line}" fill="none"${casingStroke(1.8)}/><path d="${line}" fill="none"${isodoseStroke(level, 1.8)}/>
<text x="${x + 34}" y="4">${isodoseLabel(level, prescriptions)}</text>`
  })
  return markup`<g transform="translate(0 ${y})" font-size="11">${entries}</g>`
}

/** The legend of structures as a row of a drawing. */
export function drawStructureRow(y: number, styles: readonly StructureStyle[]): Markup {
  const entries = styles.map(({ name, letter, colour, onPicture }, i) => {
    const x = i * STEP.structure
    return markup`<rect x="${x}" y="-7" width="28" height="14" rx="2" fill="#555"/>
<rect x="${x + 2.5}" y="-4.5" width="23" height="9" fill="${onPicture}" fill-opacity="0.3" stroke="${onPicture}" stroke-width="1.5"/>
<text x="${x + 34}" y="4"><tspan fill="${colour}" font-weight="700">${letter}</tspan> ${name}</text>`
  })
  return markup`<g transform="translate(0 ${y})" font-size="11">${entries}</g>`
}
