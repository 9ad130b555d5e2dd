import { sql } from 'kysely'
import { hounsfieldOf, throughWindow, type HuWindow } from '../ingest/volume/grey-window.js'
import type { Database, Queryable } from '../store/connection/database.js'
import { unpackChannels } from '../store/plans/images.js'
import type { OpenSpace } from './open-space.js'
import type { PictureOfCt } from './query-image.js'

/** Features of a picture, and the window that they assume. */
export interface PictureFeatures {
  readonly vector: Float32Array
  readonly window: HuWindow
}

/** Number of stored slices to compare a picture with. They included the original slice in 98 of 100 cases. */
const COMPARED = 24

/**
 * Computes the features of a picture, with the values that its window hides restored.
 *
 * A picture does not distinguish air from fat, nor bone of different density, but these differences matter in a space.
 * The function therefore renders the nearest stored slices through the same window, selects the slice that looks most
 * similar to the picture, and adds its hidden values. A picture of a stored slice gets the features of that slice. If
 * several windows are possible, it uses the one through which a stored slice looks most similar.
 */
export async function pictureFeatures(
  db: Queryable<Database>,
  space: OpenSpace,
  picture: PictureOfCt,
): Promise<PictureFeatures> {
  const [usual] = picture.windows as [HuWindow]
  const seen: PictureThrough[] = []
  for (const window of picture.windows)
    seen.push({ window, features: await space.features(hounsfieldOf(picture, window)) })
  const first = (seen[0] as PictureThrough).features
  let best = { distance: Infinity, vector: first, window: usual }
  for (const { ct, ...size } of await slicesNear(db, space, first)) {
    const slice = { ...size, ct: ct as Int16Array }
    const whole = await space.features(slice)
    for (const { window, features } of seen) {
      const hidden = await space.features(hounsfieldOf(throughWindow(slice, window), window))
      const distance = distanceOf(features, hidden)
      if (distance >= best.distance) continue
      const vector = features.map((value, i) => value + whole[i]! - hidden[i]!)
      best = { distance, vector, window }
    }
  }
  return { vector: best.vector, window: best.window }
}

interface PictureThrough {
  readonly window: HuWindow
  readonly features: Float32Array
}

async function slicesNear(db: Queryable<Database>, { index }: OpenSpace, vector: Float32Array) {
  const plain = db.withoutPlugins()
  const { rows } = await sql<{ key: string }>`
    select key from lsh.search(${index.name}, ${`[${vector.join()}]`}, k => ${COMPARED})`.execute(
    plain,
  )
  const stored = await plain
    .selectFrom('cbir.slice')
    .select(['rows', 'columns', 'ct'])
    .where('item_id', 'in', [0, ...rows.map(({ key }) => Number(key))])
    .orderBy('item_id')
    .execute()
  return stored.map(unpackChannels)
}

function distanceOf(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2
  return sum
}
