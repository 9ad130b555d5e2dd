import { sql } from 'kysely'
import type { Plan } from '../../core/plan.js'
import type { Store, Transaction } from '../connection/connect.js'
import type { CopyTarget } from '../connection/copy-format.js'
import { addPatient } from './add-patient.js'
import { refuseLostDose } from './lost-dose.js'
import { nextId } from '../connection/next-id.js'
import { preparePlan, type PreparedPlan } from './prepared-plan.js'

/** Outcome of a plan: new, already stored with the same checksum, or changed since it was loaded. */
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
    dosed_share: 'float4',
    areas_cm2: 'float4[]',
    masks: 'bytea[]',
  },
}

/**
 * Stores a plan with its slices and structures in one transaction; an identical stored plan is left unchanged.
 *
 * @throws LshError `bad_input` for a plan without dose that is stored with a dose
 */
export async function loadPlan(store: Store, dataset: string, plan: Plan): Promise<LoadOutcome> {
  return storePlan(store, dataset, preparePlan(plan))
}

/** Does the same for a prepared plan. */
export async function storePlan(
  store: Store,
  dataset: string,
  plan: PreparedPlan,
): Promise<LoadOutcome> {
  return store.transaction(async (transaction) => {
    const { db } = transaction
    // Loaders take turns, so that two loaders store a plan once, and the next id is known.
    await sql`select pg_advisory_xact_lock(hashtext('pg-lsh load'))`.execute(db)
    const patient = await addPatient(db, dataset, { pseudonym: plan.patient, split: plan.split })
    const stored = await db
      .selectFrom('cbir.plan')
      .select(['id', 'checksum', 'fingerprint'])
      .where('patient_id', '=', patient)
      .where('source_key', '=', plan.sourceKey)
      .executeTakeFirst()
    if (stored?.checksum === plan.checksum) {
      // The files were copied or touched: the next run need not read them again.
      if (plan.fingerprint !== null && plan.fingerprint !== stored.fingerprint)
        await db
          .updateTable('cbir.plan')
          .set({ fingerprint: plan.fingerprint })
          .where('id', '=', stored.id)
          .execute()
      return 'unchanged'
    }
    if (stored) await refuseLostDose(db, dataset, stored.id, plan)
    // Determined before the old plan is deleted, so that no other slice gets its ids.
    const ids = {
      plan: await nextId(db, 'cbir.plan'),
      firstItem: await nextId(db, 'cbir.item', Math.max(1, plan.slices.length)),
    }
    if (stored) await sql`select cbir.delete_plan(${stored.id})`.execute(db)
    await addPlan(transaction, dataset, { ...ids, patient }, plan)
    return stored ? 'replaced' : 'loaded'
  })
}

async function addPlan(
  { db, copy }: Transaction,
  dataset: string,
  ids: { plan: number; patient: number; firstItem: number },
  plan: PreparedPlan,
): Promise<void> {
  const {
    fractions = null,
    radiation = null,
    technique = null,
    machine = null,
  } = plan.treatment ?? {}
  await sql`insert into cbir.plan (id, patient_id, source_key, checksum, fingerprint, site, prescription_gy,
      fractions, radiation, technique, machine, voxel_mm)
    overriding system value
    values (${ids.plan}, ${ids.patient}, ${plan.sourceKey}, ${plan.checksum}, ${plan.fingerprint},
      ${plan.site}, ${plan.prescriptionGy}, ${fractions}, ${radiation}, ${technique}, ${machine},
      ${[...plan.voxelMm]})`.execute(db)
  const items = plan.slices.map((slice, i) => ({ slice, item: ids.firstItem + i }))
  await copy(
    ITEM,
    items.map(({ slice, item }) => [
      item,
      dataset,
      'slice',
      `${plan.sourceKey}/${slice.index}`,
      {},
      slice.preview,
    ]),
  )
  await copy(
    SLICE,
    items.map(({ slice, item }) => [
      item,
      ids.plan,
      slice.index,
      slice.positionMm,
      slice.image.rows,
      slice.image.columns,
      slice.doseMeanGy,
      slice.doseMaxGy,
      slice.image.ct,
      slice.image.dose,
      slice.image.dose_unit_gy,
    ]),
  )
  await copy(
    STRUCTURE,
    plan.structures.map((structure) => [
      ids.plan,
      structure.name,
      structure.role,
      structure.volumeCc,
      structure.meanGy,
      structure.maxGy,
      structure.dvh?.binGy ?? null,
      structure.dvh?.volume ?? null,
      structure.dosedShare,
      structure.areasCm2,
      structure.masks,
    ]),
  )
}
