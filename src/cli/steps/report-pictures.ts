import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PicturesMeasured } from '../../compare/picture-quality.js'
import type { Store } from '../../store/connection/connect.js'
import type { Context } from '../context.js'
import { evaluatePictures } from './evaluate-pictures.js'
import { picturesPage } from './pictures-page.js'

export interface ReportPicturesOptions {
  /** Spaces to measure; all filled ones if the list is empty. */
  readonly spaces: readonly string[]
  readonly seed: number
  /** Folder of the page. */
  readonly out: string
}

/** Measures spaces of images or neurons, and writes a page with their results. */
export async function reportPictures(
  context: Context,
  store: Store,
  dataset: string,
  { spaces, seed, out }: ReportPicturesOptions,
): Promise<{ page: string; measured: PicturesMeasured }> {
  const measured = await evaluatePictures(context, store, dataset, {
    spaces: [...new Set(spaces)],
    seed,
  })
  const shown = measured.spaces.map(({ space }) => space)
  const page = join(out, 'index.html')
  await writeFile(page, await picturesPage(store, { dataset, measured, shown, seed }))
  context.output.say(`Pictures: ${page}`)
  return { page, measured }
}
