import { existsSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { endianness } from 'node:os'
import { join } from 'node:path'
import type { Dataset, HeldVectors, Matrix, Workplace } from './datasets/dataset.js'

/** Bytes read or written at once; a system call is limited to 2 GiB. */
const STEP = 1 << 28

type Numbers = Float32Array | Float64Array | Int32Array

/** The vectors of a data set, generated once and then read from the cache folder. */
export async function cachedVectors(dataset: Dataset, place: Workplace): Promise<HeldVectors> {
  const base = join(place.cache, `${cacheName(dataset)}.base.f32`)
  const queries = join(place.cache, `${cacheName(dataset)}.query.f32`)
  const dims = join(place.cache, `${cacheName(dataset)}.dims.f32`)
  // This file is written last, so that the others are complete if it exists.
  if (existsSync(dims)) {
    const [width = 0] = await readFloats(dims)
    return {
      base: matrix(await readFloats(base), width),
      queries: matrix(await readFloats(queries), width),
    }
  }
  const made = await dataset.make(place)
  await writeNumbers(base, made.base.values)
  await writeNumbers(queries, made.queries.values)
  await writeNumbers(dims, Float32Array.of(made.base.dims))
  return made
}

/** Prefix of the names of all cached files of a data set. */
export function cacheName(dataset: Pick<Dataset, 'name' | 'version' | 'seed'>): string {
  return `${dataset.name}-v${dataset.version}-seed${dataset.seed}`
}

export async function readFloats(path: string): Promise<Float32Array> {
  return new Float32Array(await readBytes(path))
}

export async function readDoubles(path: string): Promise<Float64Array> {
  return new Float64Array(await readBytes(path))
}

export async function readIntegers(path: string): Promise<Int32Array> {
  return new Int32Array(await readBytes(path))
}

/** Writes a file atomically: to a temporary name, which is then renamed. */
export async function writeNumbers(path: string, numbers: Numbers): Promise<void> {
  await writePieces(path, [numbers])
}

/** Does the same for numbers that are generated while they are written. */
export async function writePieces(path: string, pieces: Iterable<Numbers>): Promise<void> {
  const part = `${path}.part`
  const file = await open(part, 'w')
  try {
    for (const piece of pieces) {
      const bytes = new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength)
      for (let at = 0; at < bytes.length; at += STEP)
        await file.writeFile(bytes.subarray(at, at + STEP))
    }
  } finally {
    await file.close()
  }
  await rename(part, path)
}

/** Reads a file. Cached files are little-endian, like every supported machine. */
async function readBytes(path: string): Promise<ArrayBuffer> {
  if (endianness() !== 'LE') throw new Error('the files of the cache are little-endian')
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const bytes = new Uint8Array(size)
    for (let at = 0; at < size;) {
      const { bytesRead } = await file.read(bytes, at, Math.min(STEP, size - at), at)
      if (bytesRead === 0) throw new Error(`${path} became shorter while it was read`)
      at += bytesRead
    }
    return bytes.buffer
  } finally {
    await file.close()
  }
}

export function matrix(values: Float32Array, dims: number): Matrix {
  return { rows: values.length / dims, dims, values }
}
