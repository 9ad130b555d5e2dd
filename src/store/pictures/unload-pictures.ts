import { sql } from 'kysely'
import type { Store } from '../connection/connect.js'
import { withRetry, type RetryOptions } from '../connection/retry.js'

/** Items of one transaction. */
const BATCH = 1000

/** Number of images and neurons of a data set. */
export async function countPictures(store: Store, dataset: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count
    from cbir.picture join cbir.item on item.id = picture.item_id
    where item.dataset = ${dataset}`.execute(store.db)
  return rows[0]?.count ?? 0
}

/**
 * Removes the images and neurons of a data set with their features and codes, in one transaction per batch, and their
 * sources if nothing else refers to them. Yields the number of items of each batch.
 */
export async function* unloadPictures(
  store: Store,
  dataset: string,
  options: RetryOptions = {},
): AsyncGenerator<number, void, undefined> {
  for (;;) {
    options.signal?.throwIfAborted()
    const gone = await withRetry(store, () => unloadBatch(store, dataset), options)
    if (gone === 0) return
    yield gone
  }
}

async function unloadBatch(store: Store, dataset: string): Promise<number> {
  return store.transaction(async ({ db }) => {
    // Waits for loaders, which may be adding an image of the same source.
    await sql`select pg_advisory_xact_lock(hashtext('pg-lsh load'))`.execute(db)
    const rows = await db
      .selectFrom('cbir.picture')
      .innerJoin('cbir.item', 'cbir.item.id', 'cbir.picture.item_id')
      .select(['item_id', 'patient_id'])
      .where('dataset', '=', dataset)
      .limit(BATCH)
      .execute()
    await sql`select cbir.delete_items(${rows.map((row) => row.item_id)}::int[])`.execute(db)
    // A source that an encoder has seen stays, so that its id never names another source.
    await sql`
      delete from cbir.patient
      where id = any(${rows.map((row) => row.patient_id)}::int[])
        and not exists (select from cbir.plan where plan.patient_id = patient.id)
        and not exists (select from cbir.picture where picture.patient_id = patient.id)
        and not exists (select from cbir.encoder where trained_on @> array[patient.id])`.execute(db)
    return rows.length
  })
}
