import { markup } from './markup.js'
import { renderPage } from './page.js'
import { figureReconstruction, type ReconstructionFigure } from './reconstruction.js'
import { TURNING_VOLUME_SCRIPT } from './turning-volume-script.js'
import {
  renderTurningVolumes,
  TURNING_VOLUME_STYLE,
  type TurningVolumes,
} from './turning-volume.js'

/** What one encoder keeps of slices and of the whole volume of a plan. */
export interface ReconstructionPage {
  readonly title: string
  /** Encoder, data set, seed, checksum: what one needs to do it again. */
  readonly lead: string
  /** What a reader must not overlook. */
  readonly notice: string | null
  readonly slices: ReconstructionFigure
  readonly volume: TurningVolumes
}

/** The reconstructions of an encoder as one self-contained HTML page. */
export function renderReconstructionPage(page: ReconstructionPage): string {
  const { title, lead, notice, slices, volume } = page
  const figure = figureReconstruction(slices)
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
<figure class="panel reconstruction" id="figure-1">
<div class="wide">${{ markup: figure.drawing.svg }}</div>
<figcaption><strong>Figure 1.</strong> ${figure.title}. ${figure.caption}</figcaption>
</figure>
</section>
<section>
<h2>A whole volume</h2>
${renderTurningVolumes(volume, 2)}
</section>
</main>
<script>
${{ markup: TURNING_VOLUME_SCRIPT }}</script>`,
    `.reconstruction svg { max-width: 100%; height: auto; }\n${TURNING_VOLUME_STYLE}`,
  )
}
