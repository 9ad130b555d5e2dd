import { LshError } from '../../core/errors.js'
import type pg from 'pg'
import { fromPgError } from '../connection/errors.js'

/** A problem of an index, with a hint. */
export interface IndexComplaint {
  readonly index: string
  readonly problem: string
  readonly hint: string
}

/**
 * Adapts indexes to changes of their tables and of the functions, as far as possible, and returns the remaining
 * problems. Indexes that the current role may not maintain stay unchanged.
 */
export async function mendIndexes(client: pg.PoolClient): Promise<IndexComplaint[]> {
  const { rows } = await client.query<{ index: string }>(
    `select index.name as index
     from lsh.index
     where lsh_internal.needs_mending(index)
       and (lsh_internal.owns(index.relation) or lsh_internal.owns(index.codes) or lsh_internal.owns('lsh.index'))
     order by index.id`,
  )
  const remaining: IndexComplaint[] = []
  for (const { index } of rows) {
    try {
      // Each in its own transaction, so that one failure does not affect the others.
      await client.query('select lsh.mend_index($1::text)', [index])
    } catch (error) {
      const refusal = fromPgError(error)
      if (!(refusal instanceof LshError)) throw error
      remaining.push({ index, problem: refusal.message, hint: refusal.hint })
    }
  }
  return remaining
}

/** Problems of the indexes of a database; empty if all can be used. */
export async function indexComplaints(client: pg.Pool): Promise<IndexComplaint[]> {
  const { rows } = await client.query<IndexComplaint>(
    `select index.name as index, complaint.problem, complaint.hint
     from lsh.index
       cross join lateral lsh_internal.complaint(index) as complaint
     union all
     select index.name, 'trigger "' || wrong.name || '" is ' || wrong.problem,
       'Run "select lsh.mend_index(''' || index.name || ''')"; then "select * from lsh.verify_index(''' || index.name || ''', repair => true)".'
     from lsh.index
       cross join lateral lsh_internal.wrong_triggers(index) as wrong
     where exists (select from pg_catalog.pg_class where pg_class.oid = index.relation)
     union all
     select index.name, 'its table was rewritten, or its triggers were disabled, after it was hashed',
       'Run "select * from lsh.verify_index(''' || index.name || ''', repair => true)": searches read the table until then.'
     from lsh.index
     where index.state = 'suspect'
     order by 1`,
  )
  return rows
}
