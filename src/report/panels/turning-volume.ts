import { Buffer } from 'node:buffer'
import { LshError } from '../../core/errors.js'
import { plain } from '../drawing/format.js'
import { markup } from '../drawing/markup.js'
import type { Markup } from '../drawing/markup.js'

/** Numbers on a raster, row by row from anterior and the patient's right, slice by slice from the head. */
export interface Volume {
  readonly label: string
  readonly values: Float32Array
}

/** An isosurface. */
export interface Surface {
  readonly value: number
  /** `35 Gy (50 %)` */
  readonly label: string
  /** `#rrggbb` */
  readonly colour: string
  /** 1 is opaque. */
  readonly opacity: number
}

/** Volumes on one raster, drawn side by side and rotated together. */
export interface TurningVolumes {
  readonly title: string
  readonly caption: string
  readonly columns: number
  readonly rows: number
  readonly slices: number
  /** Size of a voxel in mm: along columns, rows and slices. */
  readonly voxelMm: readonly [number, number, number]
  /** Values of the lowest and highest 8-bit number; others are clipped. */
  readonly low: number
  readonly high: number
  readonly volumes: readonly Volume[]
  /** From the outermost to the innermost. */
  readonly surfaces: readonly Surface[]
}

/** Width and height of a picture in pixels. */
const SIDE = 440

/** The volumes as a figure of a page, which must contain `TURNING_VOLUME_SCRIPT` and `TURNING_VOLUME_STYLE`. */
export function renderTurningVolumes(figure: TurningVolumes, number: number | string): Markup {
  const { title, caption, columns, rows, slices, voxelMm, volumes, surfaces } = figure
  const { low, high } = figure
  const view = {
    size: [columns, rows, slices],
    voxelMm,
    surfaces: surfaces.map(({ value, colour, opacity }) => ({
      level: (255 * (value - low)) / (high - low),
      colour: [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)),
      opacity,
    })),
  }
  const pictures = volumes.map((volume) => {
    assertRaster(volume, figure)
    const values = Buffer.from(eightBit(volume.values, low, high)).toString('base64')
    return markup`<div class="cell">
<canvas width="${SIDE}" height="${SIDE}" tabindex="0" role="img"
aria-label="${title}: ${volume.label}, in three dimensions; arrow keys rotate it" data-values="${values}"></canvas>
<p class="rank"><b>${volume.label}</b></p>
</div>`
  })
  const legend = surfaces.map(
    ({ label, colour, opacity }) =>
      markup`<li><svg class="sample" viewBox="0 0 32 14"><rect width="32" height="14" fill="#000"/><rect
width="32" height="14" fill="${colour}" fill-opacity="${opacity}"/></svg> ${label}, ${opacity < 1 ? 'transparent' : 'opaque'}</li>`,
  )
  return markup`<figure class="panel turning" id="figure-${number}" data-view="${JSON.stringify(view)}">
<div class="pair">
${pictures}
</div>
<noscript><p class="notice">The three-dimensional view needs JavaScript.</p></noscript>
<div class="legend"><p>Isosurfaces:</p><ul>${legend}</ul></div>
<figcaption><strong>Figure ${number}.</strong> ${title}. ${caption} Drag a picture to rotate both; with the keyboard, focus
one and press the arrow keys, or Home to reset. Letters name the sides: R and L the patient’s right and left, A and P
front and back, H and F head and feet. A voxel is ${voxelMm.map(plain).join(' × ')} mm. <output></output></figcaption>
</figure>`
}

/** Style rules of a page with such figures. */
export const TURNING_VOLUME_STYLE = `.pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1.1rem; }
.turning canvas {
  display: block;
  width: 100%;
  background: #000;
  outline: 1px solid var(--rule);
  cursor: grab;
  touch-action: none;
}
.turning canvas:active { cursor: grabbing; }
.turning canvas:focus-visible { outline: 3px solid var(--query); }
.turning output { color: var(--soft); }
@media screen and (max-width: 44rem) { .pair { grid-template-columns: 1fr; } }
`

function eightBit(values: Float32Array, low: number, high: number): Uint8Array {
  return Uint8Array.from(values, (value) =>
    Math.round(255 * Math.min(1, Math.max(0, (value - low) / (high - low)))),
  )
}

function assertRaster({ label, values }: Volume, { columns, rows, slices }: TurningVolumes): void {
  if (values.length === columns * rows * slices && values.length > 0) return
  throw new LshError(
    'bad_input',
    `volume "${label}" has ${values.length} values, not ${columns} × ${rows} × ${slices}`,
    { hint: 'Give a value for each voxel.' },
  )
}
