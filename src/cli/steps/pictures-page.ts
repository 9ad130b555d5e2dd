import { sql } from 'kysely'
import type { LabelQuality } from '../../compare/label-quality.js'
import type { PicturesMeasured } from '../../compare/picture-quality.js'
import { LshError } from '../../core/errors.js'
import { renderPicturePage, type PictureFigures } from '../../report/pages/picture-page.js'
import type { Store } from '../../store/connection/connect.js'
import { labelledItems, sourcesSeen } from '../../store/pictures/labelled-items.js'
import { kindOfSpace } from '../../store/spaces/spaces.js'
import { picturePanel } from './picture-panels.js'

export interface PicturesPageOptions {
  readonly dataset: string
  readonly measured: PicturesMeasured
  /** Spaces with panels, if they have an index. */
  readonly shown: readonly string[]
  readonly seed: number
}

/** Queries per space on the page, of different classes if possible. */
const PANELS = 3

/** A page of similar images or neurons, and of the retrieval quality of spaces. */
export async function picturesPage(
  store: Store,
  { dataset, measured, shown, seed }: PicturesPageOptions,
): Promise<string> {
  const spaces = measured.spaces.map(({ space }) => space)
  const items = await shownItems(store, dataset, spaces)
  const panels = []
  const bare: string[] = []
  for (const space of shown) {
    const bits = await indexedBits(store, space)
    if (bits === null) bare.push(space)
    else for (const item of items) panels.push(await picturePanel(store, space, item, bits))
  }
  const first = shown.find((space) => !bare.includes(space)) ?? spaces[0] ?? ''
  const kind = await kindOfSpace(store, first)
  return renderPicturePage({
    title: `Similar ${kind}s of data set ${dataset}`,
    facts: [
      ['Data set', `${dataset}: ${measured.items} ${kind}s`],
      ['Queries', `${measured.queries}, of ${measured.sources} held-out sources`],
      ['Seed', String(seed)],
      ...(bare.length > 0 ? ([['Without an index, so not drawn', bare.join(', ')]] as const) : []),
    ],
    figures: figuresOf(measured),
    panels,
    statement: `select pictures.key, pictures.label, found.distance, found.hamming
from lsh.search('${first}', (select embedding from space.${first} where item_id = ${items[0] ?? 1}), k => 8) as found
  join cbir.pictures on pictures.item_id = found.key::int
order by found.distance;`,
  })
}

/** Code length of the index of a space; null without an index. */
async function indexedBits(store: Store, space: string): Promise<number | null> {
  const { rows } = await sql<{ bits: number }>`
    select family.bits
    from lsh.index
      join lsh.family on family.id = index.family_id
    where index.relation = to_regclass(format('space.%I', ${space}::text)) and index.state = 'ready'
    order by index.id
    limit 1`.execute(store.db)
  return rows[0]?.bits ?? null
}

/** The first held-out item of each of some classes. */
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
