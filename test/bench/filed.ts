import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { cacheName, matrix, readFloats, writeNumbers, writePieces } from './cache.js'
import type { FiledDataset, Matrix, RowFile, Workplace } from './datasets/dataset.js'

/** The file with the rows of a data set, and its queries. `close` closes the file. */
export interface Filed {
  readonly base: RowFile
  readonly queries: Matrix
  readonly close: () => void
}

export async function filedVectors(dataset: FiledDataset, place: Workplace): Promise<Filed> {
  const path = join(place.cache, `${cacheName(dataset)}.base.f32`)
  const queries = join(place.cache, `${cacheName(dataset)}.query.f32`)
  // Queries are written last, so that the rows are complete if this file exists.
  if (!existsSync(queries)) {
    place.say(`making ${dataset.rows} vectors of ${dataset.dims} dimensions`)
    await writePieces(path, valuesOf(dataset))
    await writeNumbers(queries, dataset.queries().values)
  }
  const file = openSync(path, 'r')
  return {
    base: rowFile(file, dataset),
    queries: matrix(await readFloats(queries), dataset.dims),
    close: () => closeSync(file),
  }
}

function* valuesOf(dataset: FiledDataset): Generator<Float32Array> {
  for (const { values } of dataset.blocks()) yield values
}

function rowFile(file: number, { rows, dims }: { rows: number; dims: number }): RowFile {
  const width = 4 * dims
  const read = (from: number, to: number) => {
    const values = new Float32Array((to - from) * dims)
    const bytes = new Uint8Array(values.buffer)
    for (let at = 0; at < bytes.length;) {
      const got = readSync(file, bytes, at, bytes.length - at, from * width + at)
      if (got === 0) throw new Error(`the file of rows ends before row ${to}`)
      at += got
    }
    return values
  }
  return { rows, dims, read }
}
