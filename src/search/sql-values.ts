/** The JavaScript values of each SQL type. */
export interface SqlValues {
  text: string
  /** Name of a role or a column. */
  name: string
  /** Name of a table, with its schema unless that is in the search path. */
  regclass: string
  int: number
  /** A text, as `pg` reads it, because a number cannot hold every value exactly. */
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

/** Arguments and result of a function. A question mark marks arguments that may be left out and values that may be null. */
export interface SqlFunction {
  readonly takes: Columns
  /** The type of its value, or the columns of its rows. */
  readonly gives: keyof SqlValues | 'float8?' | 'text?' | Columns
}

/** Type of the values that a program passes and receives for a SQL type. */
export type ValueOf<T> = T extends `${infer Known}?`
  ? ValueOf<Known> | null
  : T extends keyof SqlValues
    ? SqlValues[T]
    : never
