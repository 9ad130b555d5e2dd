import { sql, type Kysely } from 'kysely'
import type { Split } from '../../core/plan.js'
import type { Database } from '../connection/database.js'
import { nextId } from '../connection/next-id.js'

/** The patient of that pseudonym, added where new. Whoever was once set apart for tests stays so. */
export async function addPatient(
  db: Kysely<Database>,
  dataset: string,
  { pseudonym, split }: { pseudonym: string; split: Split },
): Promise<number> {
  const standing = await db
    .selectFrom('cbir.patient')
    .select(['id', 'split'])
    .where('dataset', '=', dataset)
    .where('pseudonym', '=', pseudonym)
    .executeTakeFirst()
  if (!standing) {
    const id = await nextId(db, 'cbir.patient')
    await sql`insert into cbir.patient (id, dataset, pseudonym, split) overriding system value
      values (${id}, ${dataset}, ${pseudonym}, ${split})`.execute(db)
    return id
  }
  if (standing.split !== 'test' && split !== null && split !== standing.split) {
    await db.updateTable('cbir.patient').set({ split }).where('id', '=', standing.id).execute()
  }
  return standing.id
}
