export { LshError, type LshErrorCode } from './core/errors.js'
export { openStore, type Store, type Transaction } from './store/connect.js'
export type { Database } from './store/database.js'
export { migrate, type MigrationReport } from './store/migrate.js'
export {
  similarSlices,
  type SimilarSlice,
  type SimilarSlicesOptions,
} from './search/similar-slices.js'
export {
  search,
  searchExact,
  type Neighbour,
  type VectorSearchOptions,
} from './search/vector-search.js'
export { compareSpace, type ComparedQuery, type CompareOptions } from './compare/compare-space.js'
export { summarise, type CompareSummary } from './compare/summary.js'
