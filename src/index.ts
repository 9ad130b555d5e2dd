export { LshError, type LshErrorCode } from './core/errors.js'
export { type BitCode } from './core/code.js'
export { encodeVector } from './hash/encode.js'
export type { HashFamily } from './hash/family.js'
export { probes } from './hash/probes.js'
export { openStore, type Store, type Transaction } from './store/connect.js'
export type { Database } from './store/database.js'
export { fromPgError } from './store/errors.js'
export { readFamily } from './store/families.js'
export {
  createFamily,
  createIndex,
  type CreatedIndex,
  type CreateFamilyOptions,
  type CreateIndexOptions,
} from './store/create-index.js'
export { migrate, type MigrationReport } from './store/migrate.js'
export {
  similarSlices,
  similarSlicesExact,
  type SimilarSlice,
  type SimilarSlicesOptions,
} from './search/similar-slices.js'
export {
  search,
  searchExact,
  type Neighbour,
  type VectorSearchOptions,
} from './search/vector-search.js'
export { openIndex, type OpenIndex } from './search/open-index.js'
export {
  prepareNearest,
  type Nearest,
  type NearestOptions,
  type NearestQuery,
} from './search/prepare-nearest.js'
export { compareSpace, type ComparedQuery, type CompareOptions } from './compare/compare-space.js'
export { summarise, type CompareSummary } from './compare/summary.js'
