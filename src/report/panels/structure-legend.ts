import { markup } from '../drawing/markup.js'
import type { Markup } from '../drawing/markup.js'
import type { StructureStyle } from '../drawing/structure-style.js'

/** Names of the structures of a panel with their letters and colours, and the meaning of its lines. */
export function renderStructureLegend(
  styles: readonly StructureStyle[],
  { outlined, dosed }: { outlined: boolean; dosed: boolean },
): Markup {
  if (styles.length === 0) return markup``
  const parts = [
    ...(outlined ? ['outlined in the pictures'] : []),
    ...(dosed ? ['in the charts, solid lines are the query, dashed lines the neighbour'] : []),
  ]
  const entries = styles.map(
    ({
      name,
      letter,
      colour,
      onPicture,
    }) => markup`<li><svg class="sample" viewBox="0 0 32 14" aria-hidden="true">
<rect width="32" height="14" rx="2" fill="#555"/>
<rect x="2.5" y="2.5" width="27" height="9" fill="${onPicture}" fill-opacity="0.3" stroke="${onPicture}" stroke-width="1.8"/>
</svg> <b style="color: ${colour}">${letter}</b> ${name}</li>`,
  )
  return markup`<div class="legend">
<p>Structures${parts.length === 0 ? '' : ` (${parts.join('; ')})`}</p>
<ul>
${entries}
</ul>
</div>`
}
