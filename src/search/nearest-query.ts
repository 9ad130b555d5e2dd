import type { SelectQueryBuilder, SelectType } from 'kysely'
import type { FeatureVector } from '../core/vector.js'
import type { HashedVector } from './hash-query.js'

/** Names of the columns of a table that hold vectors. */
export type VectorColumnOf<R> = {
  [C in keyof R & string]: NonNullable<SelectType<R[C]>> extends Float32Array ? C : never
}[keyof R & string]

/** Names of the tables that hold vectors and have none of the columns that a search adds. */
export type VectorTable<DB> = {
  [T in keyof DB & string]: [VectorColumnOf<DB[T]>] extends [never]
    ? never
    : 'distance' | 'hamming' extends Exclude<'distance' | 'hamming', keyof DB[T]>
      ? T
      : never
}[keyof DB & string]

/** The dimensions of a table's vectors. */
export type DimensionsOf<R> =
  NonNullable<SelectType<R[VectorColumnOf<R> & keyof R]>> extends FeatureVector<infer D>
    ? D
    : number

/** The default key column: `item_id` of a space, `id` of another table that has it. */
export type DefaultKey<R, T = string> = keyof R &
  string &
  (T extends `space.${string}`
    ? 'item_id'
    : 'id' extends keyof R
      ? 'id'
      : 'item_id' extends keyof R
        ? 'item_id'
        : unknown)

/** The same as far as the name of a table tells. */
export function defaultKey(table: string): string {
  return table.startsWith('space.') ? 'item_id' : 'id'
}

/** Options of a search that have a default. */
export interface SearchOptions<Key> {
  /** Neighbours to return. (Default: 10) */
  k?: number
  /** Codes re-ranked by exact distance; 0 to read no vectors, and return the distances that codes estimate. (Default: the index's) */
  candidates?: number
  /** Buckets visited at first. (Default: the index's) */
  probes?: number
  /** Where candidates come from. (Default: the setting of the index, or chosen by the size of the table) */
  stage?: 'buckets' | 'scan' | 'hnsw' | 'exact'
  /** How codes are ranked. (Default: the setting of the index, or the best that the family supports) */
  ranking?: 'hamming' | 'asymmetric' | 'estimate'
  /** The hash index, if a table has several. (Default: the one with the name of the table, or else the oldest) */
  index?: string
  /** Keys of rows that are never returned. (Default: none) */
  exclude?: readonly Key[]
}

/** Options that depend on the key of the table. */
export type KeyOptions<R, K> = 'item_id' extends keyof R
  ? {
      /** The column of the keys. (Default: 'item_id' in a space, 'id' in other tables) */
      key?: K
      /** Leaves out all slices of the query's patient, if the query is an item. (Default: true in a space) */
      excludeSamePatient?: boolean
    }
  : 'id' extends keyof R
    ? {
        /** The column of the keys. (Default: 'id') */
        key?: K
      }
    : {
        /** The column of the keys. */
        key: K
      }

/** A query: a vector, a row of the table by its key, or the result of `hashQuery` or `encodeQuery`. */
export type QueryOf<R, K extends keyof R> =
  | FeatureVector<DimensionsOf<R>>
  | readonly number[]
  | { readonly item: SelectType<R[K]> }
  | HashedVector<DimensionsOf<R>>

/** Several queries: vectors, or rows of the table by their keys. */
export type QueriesOf<R, K extends keyof R> =
  | readonly (FeatureVector<DimensionsOf<R>> | readonly number[])[]
  | { readonly items: readonly SelectType<R[K]>[] }

/** A search and its query. */
export type NearestQuery<R, K extends keyof R, To> = SearchOptions<SelectType<R[K]>> &
  KeyOptions<R, K> & { to: To }

/** A Kysely query over the rows found, which it calls `near`. */
export type NearestBuilder<DB, Row> = SelectQueryBuilder<DB & { near: Row }, 'near', object>
