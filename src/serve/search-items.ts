import { sql, type Kysely } from 'kysely'
import { nearest } from '../search/nearest.js'
import { nearestPerPatient } from '../search/nearest-per-patient.js'
import type { NeighbourItem } from '../search/neighbour.js'
import type { HashedVector } from '../search/hash-query.js'
import type { Store } from '../store/connection/connect.js'
import type { Database, Features } from '../store/connection/database.js'
import { pictureConditions, planConditions } from './conditions.js'
import type { SpaceAnswer } from './read-spaces.js'
import type { SearchParameters } from './schemas/parameters.js'

/** A neighbour with its source: the patient, tile or neuron that it shows. */
export interface NeighbourOfPatient extends NeighbourItem {
  patient: string
}

/** The query: a stored item, or an encoded upload. */
export type SearchedWith = { item: number } | HashedVector | Float32Array

type Asked = Omit<SearchParameters, 'stage'> & { stage?: SearchParameters['stage'] }

/** The nearest rows of a space to a query, or the nearest row of each patient. */
export async function searchItems(
  store: Store,
  holds: SpaceAnswer['holds'],
  to: SearchedWith,
  asked: Asked,
): Promise<NeighbourOfPatient[]> {
  const left = await sameSource(store, holds, to, asked)
  const find = (k: number) => nearQuery(store, holds, to, { ...asked, k }, left).execute()
  return asked.onePerPatient ? nearestPerPatient(find, asked.k) : find(asked.k)
}

/** The query of `searchItems`. It returns `k` rows that pass the filter. */
export function nearQuery(
  { db }: { db: Kysely<Database> },
  holds: SpaceAnswer['holds'],
  to: SearchedWith,
  asked: Asked,
  left: readonly number[] = [],
) {
  const { space, k, index, stage, ranking, candidates, probes, samePatient } = asked
  const spaces = db.withTables<{ 'space.any': Features }>()
  const query = nearest(spaces, `space.${space}` as 'space.any', {
    to,
    k,
    ...(index !== undefined && !('index' in to) && { index }),
    ...(stage && { stage }),
    // An exact search does not rank codes.
    ...(stage !== 'exact' && {
      ...(ranking && { ranking }),
      ...(candidates !== undefined && { candidates }),
      ...(probes !== undefined && { probes }),
    }),
    ...('item' in to && { excludeSamePatient: !samePatient }),
    ...(left.length > 0 && { exclude: left }),
  })
  if (holds === 'image' || holds === 'neuron') {
    return pictureConditions(asked, 'picture')
      .reduce(
        (found, condition) => found.where(condition),
        query.innerJoin('cbir.pictures as picture', 'picture.item_id', 'near.item_id'),
      )
      .select(['near.item_id', 'near.distance', 'near.hamming', 'picture.source as patient'])
  }
  const conditions = planConditions(asked, 'plan')
  if (holds === 'plan') {
    return conditions
      .reduce(
        (found, condition) => found.where(condition),
        query
          .innerJoin('cbir.plan_item as member', 'member.item_id', 'near.item_id')
          .innerJoin('cbir.plans as plan', 'plan.plan_id', 'member.plan_id'),
      )
      .select(['near.item_id', 'near.distance', 'near.hamming', 'plan.patient'])
  }
  return conditions
    .reduce(
      (found, condition) => found.where(condition),
      query
        .innerJoin('cbir.slice as member', 'member.item_id', 'near.item_id')
        .innerJoin('cbir.plans as plan', 'plan.plan_id', 'member.plan_id'),
    )
    .select(['near.item_id', 'near.distance', 'near.hamming', 'plan.patient'])
}

/** Images or neurons with the source of the query; for plans, the database excludes them itself. */
async function sameSource(
  { db }: Store,
  holds: SpaceAnswer['holds'],
  to: SearchedWith,
  { samePatient }: Asked,
): Promise<number[]> {
  if (samePatient || !('item' in to) || (holds !== 'image' && holds !== 'neuron')) return []
  const { rows } = await sql<{ item_id: number }>`
    select other.item_id
    from cbir.picture as own join cbir.picture as other using (patient_id)
    where own.item_id = ${to.item}`.execute(db)
  return rows.map(({ item_id }) => item_id)
}
