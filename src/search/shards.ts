import { LshError } from '../core/errors.js'
import type { Queryable } from '../store/connection/database.js'
import { fromPgError, reasonOf } from '../store/connection/errors.js'

/** One of several databases that hold rows of one table. */
export interface Shard<DB> {
  readonly db: Queryable<DB>
  /** Name of the database for error messages. */
  readonly label: string
}

/** Properties of the indexes that must be equal in all databases. */
export interface ShardIndex {
  readonly name: string
  readonly vectorColumn: string
  readonly keyType: string
  readonly family: string
  readonly checksum: string
}

/**
 * Runs all requests at once and waits for all of them, so that nothing continues in the background after a failure.
 *
 * @throws LshError with the name of the database that failed, and the reason
 */
export async function ofEach<DB, Answer>(
  shards: readonly Shard<DB>[],
  ask: (shard: Shard<DB>, number: number) => Promise<Answer>,
): Promise<Answer[]> {
  const outcomes = await Promise.allSettled(shards.map((shard, i) => ask(shard, i)))
  return outcomes.map((outcome, i) => {
    if (outcome.status === 'fulfilled') return outcome.value
    const cause = fromPgError(outcome.reason)
    const { code, hint } =
      cause instanceof LshError
        ? cause
        : { code: 'database' as const, hint: 'See the cause of this error.' }
    throw new LshError(code, `${shards[i]?.label ?? ''}: ${reasonOf(cause)}`, { hint, cause })
  })
}

/** @throws LshError `bad_usage` unless all indexes have the same columns and the same family as the first */
export function assertAlike(
  shards: readonly { readonly label: string }[],
  indexes: readonly ShardIndex[],
): void {
  const [first] = indexes
  if (!first) return
  const of = (i: number) => shards[i]?.label ?? ''
  for (const [i, other] of indexes.entries()) {
    if (other.checksum !== first.checksum)
      throw new LshError(
        'bad_usage',
        `index "${other.name}" of ${of(i)} has family "${other.family}" with checksum ${other.checksum.slice(0, 12)}, ` +
          `but that of ${of(0)} has "${first.family}" with ${first.checksum.slice(0, 12)}`,
        {
          hint: `Use one family in all databases: "pg-lsh family export ${first.family} FILE" there, "pg-lsh family import FILE" here, then "select lsh.reindex('${other.name}', '${first.family}')".`,
        },
      )
    const differs = (['vectorColumn', 'keyType'] as const).find((one) => other[one] !== first[one])
    if (differs !== undefined)
      throw new LshError(
        'bad_usage',
        `index "${other.name}" of ${of(i)} has ${differs === 'keyType' ? 'keys of type' : 'vectors in column'} "${other[differs]}", ` +
          `but that of ${of(0)} "${first[differs]}"`,
        { hint: 'Give the table and its index the same columns in all databases.' },
      )
  }
}
