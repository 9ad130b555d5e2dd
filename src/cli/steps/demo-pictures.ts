import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { PicturesMeasured } from '../../compare/picture-quality.js'
import type { Store } from '../../store/connection/connect.js'
import { createFamily, familyName } from '../../store/codes/create-index.js'
import type { Context } from '../context.js'
import { evaluatePictures } from './evaluate-pictures.js'
import { encode, train } from './features.js'
import { indexSpace } from './hash.js'
import { imagesOf, loadPictures, reportPictures } from './load-pictures.js'
import { picturesPage } from './pictures-page.js'
import { timedSteps } from './timed-steps.js'

export interface DemoPicturesOptions {
  images: string
  labels?: string
  dataset: string
  seed: number
  /** Path of the page. */
  report: string
  /** Most passes of the training. (Default: that of the space) */
  epochs?: number
}

export interface DemoPicturesResult extends PicturesMeasured {
  readonly dataset: string
  readonly seconds: Readonly<Record<string, number>>
  /** Path of the page. */
  readonly report: string
}

const BITS = 256
const KIND = 'kernel'
/** Trained within a minute; the deep spaces take many. */
const SPACES = ['image_texture', 'image_histogram']
const SHOWN = 'image_texture'

/** From a folder of images to a page of similar images. Steps that an earlier run finished are skipped. */
export async function runPicturesDemo(
  context: Context,
  store: Store,
  options: DemoPicturesOptions,
): Promise<DemoPicturesResult> {
  const { images, labels, dataset, seed, epochs } = options
  const { seconds, step } = timedSteps(context)
  await step('load', async () => {
    const found = await imagesOf(images, labels === undefined ? {} : { labels })
    reportPictures(context, await loadPictures(context, store, found, { dataset }))
  })
  await step('train', async () => {
    const rows = await store.db.selectFrom('cbir.encoder').select('name').execute()
    const missing = SPACES.filter((space) => !rows.some(({ name }) => name === space))
    const limit = epochs === undefined ? {} : { epochs }
    if (missing.length > 0)
      await train(context, store, { dataset, spaces: missing, seed, ...limit })
  })
  await step('encode', async () => {
    for (const space of SPACES) await encode(context, store, space)
  })
  await step('hash and index', async () => {
    for (const space of SPACES) {
      const family = familyName(space, BITS, KIND)
      const rows = await store.db.selectFrom('lsh.family').select('name').execute()
      if (!rows.some(({ name }) => name === family))
        await createFamily(store, space, { kind: KIND, bits: BITS, seed })
      await indexSpace(context, store, space, { family, maintain: 'loader' })
    }
  })
  const measured = await step('evaluate', () =>
    evaluatePictures(context, store, dataset, { spaces: SPACES, seed }),
  )
  const report = resolve(options.report)
  await step('search', async () =>
    writeFile(report, await picturesPage(store, { dataset, measured, shown: [SHOWN], seed })),
  )
  return { dataset, ...measured, seconds, report }
}
