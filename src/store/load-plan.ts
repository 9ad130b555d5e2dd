import { sql } from 'kysely'
import type { Plan, Slice } from '../core/plan.js'
import { previewPng } from '../ingest/preview.js'
import type { Store, Transaction } from './connect.js'
import type { CopyRow, CopyTarget } from './copy.js'
import { packImage } from './images.js'

/** What became of a plan: new, there already with the same checksum, or changed since it was loaded. */
export type LoadOutcome = 'loaded' | 'unchanged' | 'replaced'

const ITEM: CopyTarget = {
  table: 'cbir.item',
  columns: {
    id: 'int4',
    dataset: 'text',
    kind: 'text',
    source_key: 'text',
    attributes: 'jsonb',
    preview: 'bytea',
  },
}

const SLICE: CopyTarget = {
  table: 'cbir.slice',
  columns: {
    item_id: 'int4',
    plan_id: 'int4',
    index: 'int4',
    position_mm: 'float4',
    rows: 'int4',
    columns: 'int4',
    dose_mean_gy: 'float4',
    dose_max_gy: 'float4',
    ct: 'bytea',
    dose: 'bytea',
    dose_unit_gy: 'float4',
  },
}

const STRUCTURE: CopyTarget = {
  table: 'cbir.structure',
  columns: {
    plan_id: 'int4',
    name: 'text',
    role: 'text',
    volume_cc: 'float4',
    mean_gy: 'float4',
    max_gy: 'float4',
    dvh_bin_gy: 'float4',
    dvh: 'float4[]',
  },
}

/** Stores a plan with its slices and structures in one transaction; a plan that stands there already is left alone. */
export async function loadPlan(store: Store, dataset: string, plan: Plan): Promise<LoadOutcome> {
  return store.transaction(async (transaction) => {
    const { db } = transaction
    // Two loaders of one plan: the second waits here and then finds it unchanged.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`${dataset}/${plan.sourceKey}`}, 0))`.execute(
      db,
    )
    const patient = await db
      .insertInto('cbir.patient')
      .values({ dataset, pseudonym: plan.patient, split: plan.split })
      .onConflict((conflict) =>
        conflict
          .columns(['dataset', 'pseudonym'])
          .doUpdateSet((eb) => ({ split: eb.ref('excluded.split') })),
      )
      .returning('id')
      .executeTakeFirstOrThrow()
    const standing = await db
      .selectFrom('cbir.plan')
      .select(['id', 'checksum'])
      .where('patient_id', '=', patient.id)
      .where('source_key', '=', plan.sourceKey)
      .executeTakeFirst()
    if (standing?.checksum === plan.checksum) return 'unchanged'
    if (standing) await sql`select cbir.delete_plan(${standing.id})`.execute(db)
    await addPlan(transaction, dataset, patient.id, plan)
    return standing ? 'replaced' : 'loaded'
  })
}

async function addPlan(
  { db, copy }: Transaction,
  dataset: string,
  patient: number,
  plan: Plan,
): Promise<void> {
  const { id } = await db
    .insertInto('cbir.plan')
    .values({
      patient_id: patient,
      source_key: plan.sourceKey,
      checksum: plan.checksum,
      prescription_gy: plan.prescriptionGy,
      voxel_mm: [...plan.voxelMm],
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const { rows: keys } = await sql<{ id: number }>`
    select nextval(pg_get_serial_sequence('cbir.item', 'id'))::int as id
    from generate_series(1, ${plan.slices.length}::int)`.execute(db)
  const items = plan.slices.map((slice, i) => ({ slice, item: (keys[i] as { id: number }).id }))
  await copy(
    ITEM,
    items.map(({ slice, item }) => [
      item,
      dataset,
      'slice',
      `${plan.sourceKey}/${slice.index}`,
      {},
      previewPng(slice),
    ]),
  )
  await copy(
    SLICE,
    items.map(({ slice, item }) => sliceRow(item, id, slice)),
  )
  await copy(
    STRUCTURE,
    plan.structures.map((structure) => [
      id,
      structure.name,
      structure.role,
      structure.volumeCc,
      structure.meanGy,
      structure.maxGy,
      structure.dvh.binGy,
      structure.dvh.volume,
    ]),
  )
}

function sliceRow(item: number, plan: number, slice: Slice): CopyRow {
  const image = packImage(slice)
  const dosed = slice.dose.filter((gy) => gy > 0)
  const mean = dosed.length > 0 ? dosed.reduce((sum, gy) => sum + gy, 0) / dosed.length : 0
  const max = dosed.reduce((most, gy) => Math.max(most, gy), 0)
  return [
    item,
    plan,
    slice.index,
    slice.positionMm,
    image.rows,
    image.columns,
    mean,
    max,
    image.ct,
    image.dose,
    image.dose_unit_gy,
  ]
}
