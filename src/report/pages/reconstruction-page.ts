import { markup } from '../drawing/markup.js'
import type { Markup } from '../drawing/markup.js'
import { renderPage } from './page.js'
import { figureReconstruction, type ReconstructionFigure } from '../figures/reconstruction.js'
import { TURNING_VOLUME_SCRIPT } from '../panels/turning-volume-script.js'
import {
  renderTurningVolumes,
  TURNING_VOLUME_STYLE,
  type TurningVolumes,
} from '../panels/turning-volume.js'

/** Reconstructions of slices and of the whole volume of a plan by one encoder. */
export interface ReconstructionPage {
  readonly title: string
  /** Encoder, data set, seed and checksum, which are needed to repeat it. */
  readonly lead: string
  /** A warning to the reader. */
  readonly notice: string | null
  /** One figure for each image of a slice that the encoder sees. */
  readonly slices: readonly ReconstructionFigure[]
  readonly volumes: readonly TurningVolumes[]
}

/** The reconstructions of an encoder as one self-contained HTML page. */
export function renderReconstructionPage(page: ReconstructionPage): string {
  const { title, lead, notice, slices, volumes } = page
  return renderPage(
    title,
    markup`<header>
<h1>${title}</h1>
<p class="guide">${lead}</p>
${notice === null ? [] : [markup`<p class="notice"><strong>Note.</strong> ${notice}</p>`]}
</header>
<main>
<section>
<h2>Slices</h2>
${slices.map((figure, i) => renderSlices(figure, i + 1))}
</section>
<section>
<h2>A whole volume</h2>
${volumes.map((volume, i) => renderTurningVolumes(volume, slices.length + i + 1))}
</section>
</main>
<script>
${{ markup: TURNING_VOLUME_SCRIPT }}</script>`,
    `.reconstruction svg { max-width: 100%; height: auto; }\n${TURNING_VOLUME_STYLE}`,
  )
}

function renderSlices(slices: ReconstructionFigure, number: number): Markup {
  const { drawing, title, caption } = figureReconstruction(slices)
  return markup`<figure class="panel reconstruction" id="figure-${number}">
<div class="wide">${{ markup: drawing.svg }}</div>
<figcaption><strong>Figure ${number}.</strong> ${title}. ${caption}</figcaption>
</figure>`
}
