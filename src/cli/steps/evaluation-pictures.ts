import { reconstructions, type Reconstruction } from '../../compare/reconstructions.js'
import type { SpaceEvaluation } from '../../compare/evaluation.js'
import { treatedSlices } from '../../compare/space-facts.js'
import { qualityOf } from '../../compare/image-quality.js'
import { spread } from '../../compare/spread.js'
import type { StoredEvaluation } from '../../compare/stored-evaluations.js'
import type { EvaluationRun } from '../../report/figures/evaluation-sections.js'
import type { RetrievalFigure } from '../../report/figures/figure-retrieval.js'
import type { ReconstructionFigure } from '../../report/figures/reconstruction.js'
import { reconstructionText } from '../../report/figures/quality-text.js'
import type { Store } from '../../store/connection/connect.js'
import type { TurningVolumes } from '../../report/panels/turning-volume.js'
import { choosePlan } from '../../store/plans/held-out.js'
import { picturedSlices } from '../../store/plans/tiles.js'
import { panelTiles } from './panel-tiles.js'
import { volumeFigure } from './reconstruction-figures.js'

/** Slices per encoder that are drawn. */
const DRAWN = 3
/** HU range in pictures of CT; encoders see a wider range, most of which is bone and air. */
const CT_WINDOW = { low: -1000, high: 1000 } as const

export interface PicturesOptions {
  /** Shows the nearest slices of any patient instead of one per patient. (Default: false) */
  allNeighbours?: boolean
}

/** Reads the data for the pictures of a run, as far as the database still has them. */
export async function picturesOf(
  store: Store,
  evaluation: StoredEvaluation,
  { allNeighbours = false }: PicturesOptions = {},
): Promise<EvaluationRun> {
  const notes: string[] = []
  const drawn: ReconstructionFigure[] = []
  const found: RetrievalFigure[] = []
  for (const space of evaluation.spaces) {
    const reconstructed = await reconstructionOf(store, space)
    if (reconstructed) drawn.push(reconstructed)
    else if (space.reconstruction) {
      notes.push(
        `Encoder ${space.space} of run ${evaluation.id} no longer exists: its reconstructions are not drawn.`,
      )
    }
    const panels = await retrievalsOf(store, space, !allNeighbours)
    found.push(...panels)
    if (panels.length < space.retrieved.length) {
      notes.push(
        `Slices found in ${space.space} by run ${evaluation.id} no longer exist: they are not drawn.`,
      )
    }
  }
  const volumes = await volumesOf(store, evaluation, drawn)
  return { evaluation, reconstructions: drawn, retrievals: found, volumes, notes }
}

/** The dose of one plan and its reconstruction by the last encoder that sees it, the deep one if there are two. */
async function volumesOf(
  store: Store,
  { dataset, seed }: StoredEvaluation,
  drawn: readonly ReconstructionFigure[],
): Promise<TurningVolumes[]> {
  const encoder = drawn.filter(({ channel }) => channel === 'dose').at(-1)?.encoder
  if (encoder === undefined) return []
  const plan = await choosePlan(store, encoder, {
    dataset,
    seed,
    needs: { dose: true, structures: false },
  })
  const slices: Reconstruction[] = []
  for await (const one of reconstructions(store, encoder, plan.items)) slices.push(one)
  return [volumeFigure(encoder, plan, slices, 0)]
}

/** Null for a space without an encoder of its own, or whose encoder was replaced. */
async function reconstructionOf(
  store: Store,
  { queries, encoders, reconstruction }: SpaceEvaluation,
): Promise<ReconstructionFigure | null> {
  const [encoder] = encoders
  if (!reconstruction || !encoder) return null
  // Slices without dose would show nothing.
  const items = spread(await treatedSlices(store, queries), DRAWN)
  const standing = await store.db
    .selectFrom('cbir.encoder')
    .select('checksum')
    .where('name', '=', encoder.name)
    .executeTakeFirst()
  const known = await picturedSlices(store, items)
  if (standing?.checksum !== encoder.checksum || known.size < items.length) return null
  const slices: (ReconstructionFigure['slices'][number] &
    Pick<ReconstructionFigure, 'size' | 'channel' | 'unit' | 'low' | 'high'>)[] = []
  for await (const { slice, preprocessing, planes } of reconstructions(
    store,
    encoder.name,
    items,
  )) {
    const [one] = planes
    if (!one) continue
    const { size } = preprocessing
    const { channel, unit, low, high } = one.plane
    const values = (frame: Float32Array) => frame.map((share) => low + share * (high - low))
    slices.push({
      plan: slice.plan,
      sliceIndex: slice.sliceIndex,
      input: values(one.input),
      output: values(one.output),
      quality: qualityOf([one.errors]),
      channel,
      unit,
      size,
      ...(channel === 'ct' ? CT_WINDOW : { low, high }),
    })
  }
  const [first] = slices
  if (!first) return null
  const { channel, unit, size, low, high } = first
  return {
    encoder: encoder.name,
    channel,
    unit,
    size,
    low,
    high,
    slices,
    summary: reconstructionText(reconstruction),
  }
}

async function retrievalsOf(
  store: Store,
  space: SpaceEvaluation,
  onePerPatient: boolean,
): Promise<RetrievalFigure[]> {
  const figures: RetrievalFigure[] = []
  for (const [i, query] of space.retrieved.entries()) {
    const rankings = onePerPatient ? query.per_patient : query.rankings
    const found = rankings.flatMap((ranking) => ranking.found.map(({ item }) => item))
    const items = [...new Set([query.item, ...found])]
    const tiles = await panelTiles(store, items)
    if (tiles.size < items.length) continue
    figures.push({ space: space.space, number: i + 1, query, onePerPatient, tiles })
  }
  return figures
}
