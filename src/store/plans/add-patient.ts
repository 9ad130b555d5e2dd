import { sql, type Kysely } from 'kysely'
import type { Split } from '../../core/plan.js'
import type { Database } from '../connection/database.js'
import { nextId } from '../connection/next-id.js'

/**
 * Adds the patient of a pseudonym if it is new, or updates its split, and returns its id. A patient that was once held
 * out for tests stays held out.
 */
export async function addPatient(
  db: Kysely<Database>,
  dataset: string,
  { pseudonym, split }: { pseudonym: string; split: Split },
): Promise<number> {
  const stored = await db
    .selectFrom('cbir.patient')
    .select(['id', 'split'])
    .where('dataset', '=', dataset)
    .where('pseudonym', '=', pseudonym)
    .executeTakeFirst()
  if (!stored) {
    const id = await nextId(db, 'cbir.patient')
    await sql`insert into cbir.patient (id, dataset, pseudonym, split) overriding system value
      values (${id}, ${dataset}, ${pseudonym}, ${split})`.execute(db)
    return id
  }
  if (stored.split !== 'test' && split !== null && split !== stored.split) {
    await db.updateTable('cbir.patient').set({ split }).where('id', '=', stored.id).execute()
  }
  return stored.id
}
