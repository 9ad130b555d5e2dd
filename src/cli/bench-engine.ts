import { hashQuery } from '../search/hash-query.js'
import { nearest } from '../search/nearest.js'
import { openIndex } from '../search/open-index.js'
import { prepareNearest } from '../search/prepare-nearest.js'
import { createFamilyOf } from '../store/codes/create-family.js'
import { fillIndex } from '../store/codes/fill-index.js'
import { loadVectors } from '../store/vectors/load-vectors.js'
import { openDatabase } from '../store/connection/open-database.js'

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
