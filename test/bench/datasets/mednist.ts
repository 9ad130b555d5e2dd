import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { LshError } from '../../../src/core/errors.js'
import { readFloats } from '../cache.js'
import type { Dataset, Matrix } from './dataset.js'

const DIMS = 256
const ARCHIVE = join('vectors', 'mednist-16x16.tar.xz')

/** Real images, and a hard case: many near duplicates, tight clusters, no element below 0. */
export const mednist: Dataset = {
  name: 'mednist',
  title: '57512 × 256, real: MedNIST images as 16 × 16 pixels of 0 to 255',
  version: 1,
  seed: 0,
  make: async ({ cache, say }) => {
    const folder = join(cache, 'mednist-16x16')
    if (!existsSync(join(folder, 'query.f32'))) {
      say('unpacking MedNIST')
      await promisify(execFile)('tar', ['-xJf', archive(), '-C', cache])
    }
    const read = async (name: string): Promise<Matrix> => {
      const values = await readFloats(join(folder, name))
      return { rows: values.length / DIMS, dims: DIMS, values }
    }
    return { base: await read('base.f32'), queries: await read('query.f32') }
  },
}

function archive(): string {
  const data = process.env.PG_LSH_DATA ?? resolve(import.meta.dirname, '../../../../shared/data')
  const path = join(data, ARCHIVE)
  if (existsSync(path)) return path
  throw new LshError('bad_input', `${path} does not exist`, {
    hint: `Set PG_LSH_DATA to the folder that holds ${ARCHIVE}.`,
  })
}
