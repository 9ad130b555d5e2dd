/**
 * `pg-lsh/lsh`: hashing and search of vectors in any table, without the images, plans and encoders of `pg-lsh`, and without
 * the packages that these need.
 */
export { LshError, type LshErrorCode } from './core/errors.js'
export { codeFromText, type BinaryCode, type BitCode, type SizedCode } from './core/code.js'
export { vector, type FeatureVector, type SizedVector } from './core/vector.js'
export { encodeVector } from './hash/encode.js'
export type { HashFamily } from './hash/family.js'
export type { FamilyKind } from './hash/kinds.js'
export { probes } from './hash/probes.js'
export { describeQuery, type QueryDescription } from './hash/query.js'
export {
  openStore,
  type OpenStoreOptions,
  type Store,
  type Transaction,
} from './store/connection/connect.js'
export {
  openDatabase,
  withLsh,
  type DatabasePlace,
  type OpenDatabaseOptions,
} from './store/connection/open-database.js'
export type { Database, Features, Queryable } from './store/connection/database.js'
export type { Vector } from './store/connection/columns.js'
export type { HealthView, SampledRecallView } from './store/connection/lsh-tables.js'
export { fromPgError } from './store/connection/errors.js'
export { readFamily } from './store/codes/families.js'
export {
  createFamily,
  createIndex,
  type CreatedIndex,
  type CreateFamilyOptions,
  type CreateIndexOptions,
  type VectorColumn,
} from './store/codes/create-index.js'
export { migrate, type MigrateOptions, type MigrationReport } from './store/schema/migrate.js'
export type { IndexComplaint } from './store/schema/mend-indexes.js'
export { describeLockWait, type LockHolder, type LockWait } from './store/schema/lock-waits.js'
export {
  asymmetricHamming,
  binaryQuantize,
  bitCount,
  cosineDistance,
  dice,
  hamming,
  jaccard,
  l2Distance,
  type Operand,
} from './search/expressions.js'
export { nearest, nearestEach, nearestExact, type NeighbourOfQuery } from './search/nearest.js'
export {
  nearestAcross,
  type AcrossOptions,
  type NeighbourInShard,
} from './search/nearest-across.js'
export type {
  NearestBuilder,
  NearestQuery,
  QueriesOf,
  QueryOf,
  SearchOptions,
} from './search/nearest-query.js'
export type { Nearness, Neighbour, NeighbourRow } from './search/neighbour.js'
export { hashQuery, type HashedQueryVector, type HashedVector } from './search/hash-query.js'
export {
  search,
  searchExact,
  type SearchRow,
  type VectorSearchOptions,
} from './search/vector-search.js'
export { callSql } from './search/call-sql.js'
export type { SqlArguments, SqlFunctionName, SqlResult } from './search/sql-functions.js'
export type { SqlValues } from './search/sql-values.js'
export { pairs, type Pair, type PairsOptions } from './search/pairs.js'
export { within, type WithinOptions } from './search/within.js'
export { openIndex, type OpenIndex } from './search/open-index.js'
export {
  prepareNearest,
  type NearestOptions,
  type PreparedQuery,
} from './search/prepare-nearest.js'
export {
  compareWithExact,
  type ComparedWithExact,
  type Comparison,
  type ComparisonFigures,
} from './compare/compare-with-exact.js'
export { sampleRecall, type SampleRecallOptions } from './compare/sample-recall.js'
export { summarise, type ComparisonSummary } from './compare/summary.js'
