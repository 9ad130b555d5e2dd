import { hashQuery } from '../search/hash-query.js'
import { nearest } from '../search/nearest.js'
import { openIndex } from '../search/open-index.js'
import { prepareNearest } from '../search/prepare-nearest.js'
import { createFamilyOf } from '../store/codes/create-family.js'
import { fillIndex } from '../store/codes/fill-index.js'
import { loadVectors } from '../store/vectors/load-vectors.js'
import { openDatabase } from '../store/connection/open-database.js'

/**
 * The functions that "pg-lsh bench" measures. Benchmarks run from their sources and get these from the package, where
 * hashing uses threads.
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
