import { sql } from 'kysely'
import type { z } from '@hono/zod-openapi'
import type { Store } from '../store/connection/connect.js'
import { projectSpace } from './project-space.js'
import type { mapSchema } from './schemas/plan-answers.js'

export type MapAnswer = z.infer<typeof mapSchema>

/** Cached maps by space, valid while the rows of the space do not change. */
export interface Maps {
  read(space: string): Promise<MapAnswer>
}

/** Maps are computed on demand and cached in memory, because the explorer does not write to the database. */
export function openMaps(store: Store): Maps {
  const kept = new Map<string, { stamp: string; map: Promise<MapAnswer> }>()
  return {
    read: async (space) => {
      const stamp = await stampOf(store, space)
      const standing = kept.get(space)
      if (standing?.stamp === stamp) return standing.map
      const map = readMap(store, space)
      kept.set(space, { stamp, map })
      map.catch(() => kept.delete(space))
      return map
    },
  }
}

/** A value that changes with the space: number of rows, largest key, and time of creation. */
async function stampOf({ db }: Store, space: string): Promise<string> {
  const { rows } = await sql<{ stamp: string }>`
    select concat_ws(' ', count(*), max(item_id), sum(item_id::bigint),
      (select created_at from cbir.space where name = ${space})) as stamp
    from ${sql.id('space', space)}`.execute(db)
  return rows[0]?.stamp ?? ''
}

interface PointFacts {
  item_id: number
  level: number | null
  dose: number | null
  prescription: number | null
  plan_id: number | null
  label: string
  dataset: string
}

async function readMap(store: Store, space: string): Promise<MapAnswer> {
  const { items, x, y, explained, sampled, total } = await projectSpace(store, space)
  const { rows } = await sql<PointFacts>`
    select feature.item_id, slice.position_mm as level, slice.dose_mean_gy as dose, plan.prescription_gy as prescription,
      plan.id as plan_id, coalesce(plan.site, item.label, 'unknown') as label, item.dataset
    from ${sql.id('space', space)} as feature
      join cbir.item on item.id = feature.item_id
      left join cbir.slice on slice.item_id = feature.item_id
      left join cbir.plan_item as whole on whole.item_id = feature.item_id
      left join cbir.plan on plan.id = coalesce(slice.plan_id, whole.plan_id)`.execute(store.db)
  const facts = new Map(rows.map((row) => [row.item_id, row]))
  const groups = dictionary()
  const datasets = dictionary()
  const of = items.map((item) => facts.get(item))
  return {
    space,
    explained: explained.map((share) => Math.round(1e4 * share) / 1e4),
    sampled,
    total,
    items: [...items],
    x: [...x],
    y: [...y],
    level: of.map((fact) => fact?.level ?? null),
    dose: of.map((fact) => hundredth(fact?.dose ?? null)),
    prescription: of.map((fact) => fact?.prescription ?? null),
    plan: of.map((fact) => fact?.plan_id ?? null),
    group: of.map((fact) => groups.place(fact?.label ?? 'unknown')),
    groups: groups.names,
    dataset: of.map((fact) => datasets.place(fact?.dataset ?? '')),
    datasets: datasets.names,
  }
}

/** Replaces names by their indices in a list, so that each name is transferred once. */
function dictionary() {
  const names: string[] = []
  const places = new Map<string, number>()
  const place = (name: string): number => {
    const known = places.get(name)
    if (known !== undefined) return known
    places.set(name, names.length)
    return names.push(name) - 1
  }
  return { names, place }
}

function hundredth(value: number | null): number | null {
  return value === null ? null : Math.round(100 * value) / 100
}
