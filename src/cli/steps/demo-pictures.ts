import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { LabelQuality } from '../../compare/label-quality.js'
import type { PicturesMeasured } from '../../compare/picture-quality.js'
import { LshError } from '../../core/errors.js'
import { renderPicturePage, type PictureFigures } from '../../report/pages/picture-page.js'
import type { Store } from '../../store/connection/connect.js'
import { createFamily, familyName } from '../../store/codes/create-index.js'
import { labelledItems, sourcesSeen } from '../../store/pictures/labelled-items.js'
import type { Context } from '../context.js'
import { evaluatePictures } from './evaluate-pictures.js'
import { encode, train } from './features.js'
import { indexSpace } from './hash.js'
import { imagesOf, loadPictures, reportPictures } from './load-pictures.js'
import { picturePanel } from './picture-panels.js'

export interface DemoPicturesOptions {
  images: string
  labels?: string
  dataset: string
  seed: number
  /** Page with the pictures. */
  report: string
  /** Passes of the training at most. (Default: that of the space) */
  epochs?: number
}

export interface DemoPicturesResult extends PicturesMeasured {
  readonly dataset: string
  readonly seconds: Record<string, number>
  /** Path of the page. */
  readonly report: string
}

const BITS = 256
/** Queries that the page shows, of different classes as far as there are such. */
const PANELS = 3
const SPACES = ['image_deep', 'image_histogram']
const JOINT = 'image_joint'

/** From a folder of images to a page of what is similar. What an earlier run has finished is not done again. */
export async function runPicturesDemo(
  context: Context,
  store: Store,
  options: DemoPicturesOptions,
): Promise<DemoPicturesResult> {
  const { images, labels, dataset, seed, epochs } = options
  const seconds: Record<string, number> = {}
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    context.signal.throwIfAborted()
    context.output.say(`\n${Object.keys(seconds).length + 1}. ${name}`)
    const started = performance.now()
    const result = await work()
    seconds[name] = Math.round(performance.now() - started) / 1000
    return result
  }
  await step('load', async () => {
    const found = await imagesOf(images, labels === undefined ? {} : { labels })
    reportPictures(context, await loadPictures(context, store, found, { dataset }))
  })
  const spaces = [...SPACES, JOINT]
  await step('train', async () => {
    const rows = await store.db.selectFrom('cbir.encoder').select('name').execute()
    const missing = SPACES.filter((space) => !rows.some(({ name }) => name === space))
    const limit = epochs === undefined ? {} : { epochs }
    if (missing.length > 0)
      await train(context, store, { dataset, spaces: missing, seed, ...limit })
  })
  await step('encode', async () => {
    for (const space of spaces) await encode(context, store, space)
  })
  await step('hash and index', async () => {
    for (const space of spaces) {
      const family = familyName(space, BITS)
      const rows = await store.db.selectFrom('lsh.family').select('name').execute()
      if (!rows.some(({ name }) => name === family))
        await createFamily(store, space, { bits: BITS, seed })
      await indexSpace(context, store, space, { family, maintain: 'loader' })
    }
  })
  const measured = await step('evaluate', () =>
    evaluatePictures(context, store, dataset, { spaces, seed }),
  )
  const shown = await shownItems(store, dataset, spaces)
  const panels = await step('search', async () => {
    const drawn = []
    for (const item of shown) drawn.push(await picturePanel(store, JOINT, item, BITS))
    return drawn
  })
  const report = resolve(options.report)
  const page = renderPicturePage({
    title: `Similar images of data set ${dataset}`,
    facts: [
      ['Data set', `${dataset}: ${measured.items} images`],
      ['Queries', `${measured.queries}, of ${measured.sources} sources that no training saw`],
      ['Seed', String(seed)],
      ['Codes', `kernel, ${BITS} bits`],
    ],
    figures: figuresOf(measured),
    panels,
    statement: `select pictures.key, pictures.label, found.distance, found.hamming
from lsh.search('${JOINT}', (select embedding from space.${JOINT} where item_id = ${shown[0] ?? 1}), k => 8) as found
  join cbir.pictures on pictures.item_id = found.key::int
order by found.distance;`,
  })
  await writeFile(report, page)
  return { dataset, ...measured, seconds, report }
}

/** The first item of each of some classes that no training saw. */
async function shownItems(
  store: Store,
  dataset: string,
  spaces: readonly string[],
): Promise<number[]> {
  const seen = await sourcesSeen(store, spaces)
  const asking = (await labelledItems(store, dataset, spaces)).filter(
    ({ source }) => !seen.has(source),
  )
  const byLabel = new Map(asking.toReversed().map((one) => [one.label, one.item]))
  const chosen = [...new Set([...byLabel.values(), ...asking.map(({ item }) => item)])]
  if (chosen.length > 0) return chosen.slice(0, PANELS)
  throw new LshError('LSH03', 'no held-out image can be a query: all were used for training', {
    hint: 'Load further images, or delete the database of the demo to train again.',
  })
}

function figuresOf({ spaces }: PicturesMeasured): PictureFigures[] {
  const row = (space: string, by: string, quality: LabelQuality): PictureFigures => ({
    space,
    by,
    precisionAt10: quality.precision_at_10,
    map: quality.map,
    nearest: quality.nn_accuracy,
    duplicates: quality.duplicate_recall_at_3,
  })
  return spaces.flatMap(({ space, exact, codes }) => [
    row(space, 'true distance', exact),
    ...codes
      .filter(({ kind }) => kind === 'kernel')
      .flatMap(({ bits, hamming, reranked }) => [
        row(space, `Hamming, ${bits} bits`, hamming),
        row(space, `${bits} bits, re-ranked`, reranked),
      ]),
  ])
}
