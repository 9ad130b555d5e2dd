/** The values that stand for those of a type of SQL. */
export interface SqlValues {
  text: string
  /** Of a role or a column. */
  name: string
  /** Name of a table, with its schema where that is not in the search path. */
  regclass: string
  int: number
  /** As `pg` reads it: as text, since it may be larger than a number can hold exactly. */
  bigint: string
  float8: number
  real: number
  boolean: boolean
  jsonb: object
  vector: ArrayLike<number>
  'text[]': readonly string[]
  'int[]': readonly number[]
  void: undefined
}

export type Columns = Readonly<
  Record<string, keyof SqlValues | 'int?' | 'float8?' | 'real?' | 'text?'>
>

/** What a function takes and gives; what may be left out, and what may be null, is marked by a question mark. */
export interface SqlFunction {
  readonly takes: Columns
  /** The type of its value, or the columns of its rows. */
  readonly gives: keyof SqlValues | 'float8?' | 'text?' | Columns
}

/** What a program reads for a type, and gives for it. */
export type ValueOf<T> = T extends `${infer Known}?`
  ? ValueOf<Known> | null
  : T extends keyof SqlValues
    ? SqlValues[T]
    : never
