import { LshError } from '../core/errors.js'
import type { Queryable } from '../store/connection/database.js'
import { fromPgError, reasonOf } from '../store/connection/errors.js'

/** One of several databases that hold rows of one table. */
export interface Shard<DB> {
  readonly db: Queryable<DB>
  /** What errors call it. */
  readonly label: string
}

/** What has to be the same of the indexes of all. */
export interface ShardIndex {
  readonly name: string
  readonly vectorColumn: string
  readonly keyType: string
  readonly family: string
  readonly checksum: string
}

/**
 * Asks all at once, and waits for all: nothing goes on in the background when one has failed.
 *
 * @throws LshError which of them failed, and why
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
        `index "${other.name}" of ${of(i)} has family "${other.family}" of checksum ${other.checksum.slice(0, 12)}, ` +
          `that of ${of(0)} "${first.family}" of ${first.checksum.slice(0, 12)}`,
        {
          hint: `Take one family everywhere: "pg-lsh family export ${first.family} FILE" there, "pg-lsh family import FILE" here, then "select lsh.reindex('${other.name}', '${first.family}')".`,
        },
      )
    const differs = (['vectorColumn', 'keyType'] as const).find((one) => other[one] !== first[one])
    if (differs !== undefined)
      throw new LshError(
        'bad_usage',
        `index "${other.name}" of ${of(i)} has ${differs === 'keyType' ? 'keys of type' : 'vectors in column'} "${other[differs]}", ` +
          `that of ${of(0)} "${first[differs]}"`,
        { hint: 'Make the tables and their indexes alike in all databases.' },
      )
  }
}
