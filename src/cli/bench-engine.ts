import { hashQuery } from '../search/hash-query.js'
import { nearest } from '../search/nearest.js'
import { openIndex } from '../search/open-index.js'
import { prepareNearest } from '../search/prepare-nearest.js'
import { createFamilyOf } from '../store/create-family.js'
import { fillIndex } from '../store/fill-index.js'
import { loadVectors } from '../store/load-vectors.js'
import { openDatabase } from '../store/open-database.js'

/**
 * What "pg-lsh bench" measures: handed to the benchmarks, which are run from their sources, as it stands in the
 * package, where it hashes in threads.
 */
export const benchEngine = {
  createFamilyOf,
  fillIndex,
  hashQuery,
  loadVectors,
  nearest,
  openDatabase,
  openIndex,
  prepareNearest,
}

export type BenchEngine = typeof benchEngine
