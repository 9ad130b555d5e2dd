import { sql } from 'kysely'
import { Matrix, solve } from 'ml-matrix'
import { LshError } from '../../core/errors.js'
import { poolSlices, type PooledSlice, type Pooling } from '../../core/pool-slices.js'
import type { Store } from '../connection/connect.js'
import { encodersSeen } from '../spaces/encoders.js'
import { organCentres, planOrigins } from '../plans/plan-origins.js'
import { readSpace } from '../spaces/read-space.js'

/** Spaces of plans, each with the two spaces of slices that it is pooled from. */
export const PLAN_SPACES: Readonly<Record<string, { features: string; levels: string }>> = {
  plan_deep: { features: 'dose_deep', levels: 'ct_deep' },
}

/** Number of levels along the body around which the slices of a plan are averaged. */
const LEVELS = 9
/** Standard deviation of the Gaussian weights of slices, as a share of the distance between levels. */
const WIDTH = 2 / 3
/** Ridge penalty per slice, which keeps the weights of nearly constant features small. */
const RIDGE = 0.1

/**
 * Creates a space of plans from two filled spaces of slices. A ridge regression predicts the level of a slice along the
 * body from its vector in the space `levels`. It is fitted to the patients that the encoder of that space was trained
 * on, whose plans are aligned by their organs. Does nothing if the space exists.
 *
 * @throws LshError `LSH01` if one of the two spaces does not exist, `LSH03` if `levels` is not filled or a plan has no
 *   organs
 */
export async function createPlanSpace(
  store: Store,
  name: string,
  { features, levels }: { features: string; levels: string },
): Promise<void> {
  const { db } = store
  const existing = db.selectFrom('cbir.space').select('name').where('name', '=', name)
  if (await existing.executeTakeFirst()) return
  const { dims } = await readSpace(store, features)
  await readSpace(store, levels)
  const encoders = await encodersSeen(store, levels)
  const seen = [...new Set(encoders.flatMap(({ trained_on }) => trained_on))]
  const origins = planOrigins(await organCentres(store, seen))
  const { rows } = await sql<{ plan_id: number; position_mm: number; vector: Float32Array }>`
    select slice.plan_id, slice.position_mm, feature.embedding as vector
    from ${sql.id('space', levels)} as feature
      join cbir.slice on slice.item_id = feature.item_id
      join cbir.plan on plan.id = slice.plan_id
    where plan.patient_id = any(${seen}::int[])
    order by feature.item_id`.execute(db)
  if (!origins.aligned || rows.length === 0) {
    throw new LshError(
      'LSH03',
      rows.length === 0
        ? `space "${levels}" holds no slices of the patients that it was trained on`
        : 'plans without organs cannot be aligned',
      {
        hint: `Train the space on plans with structures, then fill it: "pg-lsh encode --space ${levels}".`,
      },
    )
  }
  const targets = rows.map((row) => row.position_mm - origins.of.get(row.plan_id)!)
  const weights = ridge(
    rows.map(({ vector }) => vector),
    targets,
  )
  const sorted = Float64Array.from(targets).sort()
  const quantile = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!
  const step = (quantile(0.98) - quantile(0.02)) / (LEVELS - 1)
  const pooling: Pooling = {
    features,
    levels,
    weights,
    levelsMm: Array.from({ length: LEVELS }, (_, i) => quantile(0.02) + i * step),
    widthMm: WIDTH * step,
  }
  await sql`select cbir.create_space(${name}, ${LEVELS * dims}::int, pooling => ${JSON.stringify(pooling)}::jsonb)`.execute(
    db,
  )
}

/** Ridge regression of values on vectors: a weight for each dimension, and the intercept last, without penalty. */
function ridge(vectors: readonly Float32Array[], values: readonly number[]): number[] {
  const rows = new Matrix(vectors.map((vector) => [...vector, 1]))
  const transposed = rows.transpose()
  const gram = transposed.mmul(rows)
  for (let d = 0; d < gram.rows - 1; d++) gram.set(d, d, gram.get(d, d) + RIDGE * vectors.length)
  return solve(gram, transposed.mmul(Matrix.columnVector([...values]))).to1DArray()
}

/** Yields the vectors of plans that have none in the space yet. A plan that is not an item yet becomes one first. */
export async function* pooledFeatures(
  store: Store,
  space: string,
  pooling: Pooling,
): AsyncGenerator<{ item: number; vector: Float32Array }[]> {
  await sql`
    with missing as (
      select plan.id as plan_id, patient.dataset, plan.source_key, middle.preview
      from cbir.plan
        join cbir.patient on patient.id = plan.patient_id
        cross join lateral (
          select item.preview
          from cbir.slice
            join cbir.item on item.id = slice.item_id
          where slice.plan_id = plan.id
          order by abs(percent_rank() over (order by slice.index) - 0.5), slice.index
          limit 1
        ) as middle
      where not exists (select from cbir.plan_item where plan_item.plan_id = plan.id)
    ),
    added as (
      insert into cbir.item (dataset, kind, source_key, preview)
      select missing.dataset, 'plan', missing.source_key, missing.preview
      from missing
      order by missing.plan_id
      returning id, dataset, source_key
    )
    insert into cbir.plan_item (item_id, plan_id)
    select added.id, missing.plan_id
    from added
      join missing using (dataset, source_key)`.execute(store.db)
  const { rows: plans } = await sql<{ item_id: number; plan_id: number }>`
    select plan_item.item_id, plan_item.plan_id
    from cbir.plan_item
    where not exists (select 1 from ${sql.id('space', space)} as feature where feature.item_id = plan_item.item_id)
    order by plan_item.item_id`.execute(store.db)
  for (const { item_id: item, plan_id: plan } of plans) {
    const { rows } = await sql<PooledSlice>`
      select features.embedding as features, levels.embedding as levels, slice.position_mm as "positionMm"
      from cbir.slice
        join ${sql.id('space', pooling.features)} as features using (item_id)
        join ${sql.id('space', pooling.levels)} as levels using (item_id)
      where slice.plan_id = ${plan}
      order by slice.index`.execute(store.db)
    if (rows.length > 0) yield [{ item, vector: poolSlices(rows, pooling) }]
  }
}
