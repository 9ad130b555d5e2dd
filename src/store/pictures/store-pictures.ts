import { sql, type Kysely } from 'kysely'
import type { Picture } from '../../core/picture.js'
import type { Split } from '../../core/plan.js'
import type { Store } from '../connection/connect.js'
import type { CopyTarget } from '../connection/copy-format.js'
import type { Database } from '../connection/database.js'
import type { LoadOutcome } from '../plans/load-plan.js'
import { nextId } from '../connection/next-id.js'
import type { StoredContent } from './picture-content.js'

/** A picture that is ready to be stored: only its keys are missing. */
export interface PreparedPicture extends Omit<Picture, 'content' | 'remarks'> {
  readonly fingerprint: string
  readonly content: StoredContent
}

const ITEM: CopyTarget = {
  table: 'cbir.item',
  columns: {
    id: 'int4',
    dataset: 'text',
    kind: 'text',
    source_key: 'text',
    label: 'text',
    attributes: 'jsonb',
    preview: 'bytea',
  },
}

const PICTURE: CopyTarget = {
  table: 'cbir.picture',
  columns: {
    item_id: 'int4',
    patient_id: 'int4',
    checksum: 'text',
    fingerprint: 'text',
    shape: 'int4[]',
    content: 'bytea',
  },
}

/** Stores pictures in one transaction and returns their outcomes in their order. Identical stored pictures stay. */
export async function storePictures(
  store: Store,
  dataset: string,
  pictures: readonly PreparedPicture[],
): Promise<LoadOutcome[]> {
  return store.transaction(async ({ db, copy }) => {
    // Loaders take turns, so that two loaders store a picture once, and the next id is known.
    await sql`select pg_advisory_xact_lock(hashtext('pg-lsh load'))`.execute(db)
    const stored = await storedPictures(db, dataset, pictures)
    const outcomes = pictures.map(({ sourceKey, checksum }): LoadOutcome => {
      const known = stored.get(sourceKey)
      return known === undefined ? 'loaded' : known.checksum === checksum ? 'unchanged' : 'replaced'
    })
    for (const [i, { sourceKey, fingerprint }] of pictures.entries()) {
      const known = stored.get(sourceKey)
      // The file was copied or touched: the next run need not read it again.
      if (known && outcomes[i] === 'unchanged' && known.fingerprint !== fingerprint)
        await db
          .updateTable('cbir.picture')
          .set({ fingerprint })
          .where('item_id', '=', known.item_id)
          .execute()
    }
    const written = pictures.filter((_, i) => outcomes[i] !== 'unchanged')
    if (written.length === 0) return outcomes
    const sources = await addSources(db, dataset, written)
    // Determined before the old pictures are deleted, so that no other picture gets their ids.
    const first = await nextId(db, 'cbir.item', written.length)
    const gone = written.flatMap(({ sourceKey }) => stored.get(sourceKey)?.item_id ?? [])
    if (gone.length > 0) await sql`select cbir.delete_items(${gone}::int[])`.execute(db)
    await copy(
      ITEM,
      written.map(({ kind, sourceKey, label, attributes, preview }, i) => [
        first + i,
        dataset,
        kind,
        sourceKey,
        label,
        attributes,
        preview,
      ]),
    )
    await copy(
      PICTURE,
      written.map(({ source, checksum, fingerprint, content }, i) => [
        first + i,
        sources.get(source) as number,
        checksum,
        fingerprint,
        content.shape,
        content.content,
      ]),
    )
    return outcomes
  })
}

async function storedPictures(
  db: Kysely<Database>,
  dataset: string,
  pictures: readonly PreparedPicture[],
) {
  const rows = await db
    .selectFrom('cbir.item')
    .innerJoin('cbir.picture', 'cbir.picture.item_id', 'cbir.item.id')
    .select(['source_key', 'item_id', 'checksum', 'fingerprint'])
    .where('dataset', '=', dataset)
    .where(
      'source_key',
      '=',
      sql<string>`any(${pictures.map(({ sourceKey }) => sourceKey)}::text[])`,
    )
    .execute()
  return new Map(rows.map(({ source_key, ...row }) => [source_key, row]))
}

/**
 * Adds the missing sources of pictures, updates the split of the others, and returns the ids of all by their names. A
 * source that was once held out for tests stays held out.
 */
async function addSources(
  db: Kysely<Database>,
  dataset: string,
  pictures: readonly PreparedPicture[],
): Promise<Map<string, number>> {
  const splits = new Map<string, Split>()
  // One held-out picture holds out its whole source.
  for (const { source, split } of pictures)
    if (splits.get(source) !== 'test') splits.set(source, split ?? splits.get(source) ?? null)
  const names = [...splits.keys()]
  const rows = await db
    .selectFrom('cbir.patient')
    .select(['id', 'pseudonym', 'split'])
    .where('dataset', '=', dataset)
    .where('pseudonym', '=', sql<string>`any(${names}::text[])`)
    .execute()
  const ids = new Map(rows.map(({ id, pseudonym }) => [pseudonym, id]))
  for (const { id, pseudonym, split: before } of rows) {
    const split = splits.get(pseudonym) ?? null
    if (before !== 'test' && split !== null && split !== before)
      await db.updateTable('cbir.patient').set({ split }).where('id', '=', id).execute()
  }
  const added = names.filter((name) => !ids.has(name))
  if (added.length === 0) return ids
  const first = await nextId(db, 'cbir.patient', added.length)
  added.forEach((name, i) => ids.set(name, first + i))
  await sql`insert into cbir.patient (id, dataset, pseudonym, split) overriding system value
    select id, ${dataset}, pseudonym, split
    from unnest(${added.map((name) => ids.get(name))}::int[], ${added}::text[],
      ${added.map((name) => splits.get(name))}::text[]) as source (id, pseudonym, split)`.execute(
    db,
  )
  return ids
}
