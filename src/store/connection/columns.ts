import type { ColumnType } from 'kysely'
import type { FeatureVector } from '../../core/vector.js'

/** A timestamp that the database sets. */
export type CreatedAt = ColumnType<Date, never, never>

/**
 * A column of type `vector(D)`: `Vector<128>`. Rows hold a `Float32Array`, and so do inserts and updates; for a column
 * that may be null, `Vector<128> | null`. A column of type `bit(N)` is a `BitCode<N>`. A column of type `halfvec(D)` is
 * read in the same way; to write it, cast the value, and PostgreSQL rounds it: sql`${vector}::vector`.
 */
export type Vector<D extends number = number> = ColumnType<
  FeatureVector<D>,
  FeatureVector<D>,
  FeatureVector<D>
>

/** A JSON column: read parsed, written as text. */
export type JsonColumn<T> = ColumnType<T, string, string>
