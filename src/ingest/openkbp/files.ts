import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { LshError } from '../../core/errors.js'
import { parseVoxelMm } from './voxel.js'
import { sparseParser, type SparseSummary, type SparseTarget } from '../files/sparse-csv.js'

/** The sha256 of a file in hex, and its parsed content. */
export interface Digested<T> {
  readonly sha256: string
  readonly content: T
}

/** Streams a sparse file into its target. */
export async function readSparse(
  path: string,
  target: SparseTarget,
): Promise<Digested<SparseSummary>> {
  const hash = createHash('sha256')
  const parser = sparseParser(target)
  const chunks: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: 1 << 20 })
  try {
    for await (const chunk of chunks) {
      hash.update(chunk)
      parser.push(chunk)
    }
  } catch (cause) {
    throw cause instanceof LshError ? cause : unreadable(target.label, cause)
  }
  const content = parser.end()
  return { sha256: hash.digest('hex'), content }
}

/** Reads voxel_dimensions.csv: the size of a voxel along each axis in mm. */
export async function readVoxelMm(
  path: string,
  label: string,
): Promise<Digested<readonly [number, number, number]>> {
  const text = await readFile(path, 'latin1').catch((cause: unknown) => {
    throw unreadable(label, cause)
  })
  const sha256 = createHash('sha256').update(text, 'latin1').digest('hex')
  return { sha256, content: parseVoxelMm(text, label) }
}

function unreadable(label: string, cause: unknown): LshError {
  return new LshError('bad_input', `${label} cannot be read`, {
    hint: 'Check that it is a file and that you may read it.',
    cause,
  })
}
