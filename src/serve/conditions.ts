import { sql, type Expression, type SqlBool } from 'kysely'
import type { Filter } from './schemas/parameters.js'

/**
 * Conditions on plans, in the columns of `cbir.plans` under the alias `plan`; empty if the filter has no conditions on
 * plans.
 */
export function planConditions(filter: Filter, plan: string): Expression<SqlBool>[] {
  const column = (name: string) => sql.ref(`${plan}.${name}`)
  const conditions: Expression<SqlBool>[] = []
  const add = (condition: Expression<SqlBool>) => conditions.push(condition)
  if (filter.dataset !== undefined) add(sql<SqlBool>`${column('dataset')} = ${filter.dataset}`)
  if (filter.site !== undefined) add(sql<SqlBool>`${column('site')} = ${filter.site}`)
  if (filter.structure !== undefined)
    add(sql<SqlBool>`${filter.structure} = any (${column('structures')})`)
  const bounds = [
    ['prescription_gy', '>=', filter.minPrescription],
    ['prescription_gy', '<=', filter.maxPrescription],
    ['target_volume_cc', '>=', filter.minVolume],
    ['target_volume_cc', '<=', filter.maxVolume],
  ] as const
  for (const [name, sign, value] of bounds)
    if (value !== undefined) add(sql<SqlBool>`${column(name)} ${sql.raw(sign)} ${value}::float8`)
  return conditions
}

/** Conditions on images and neurons, in the columns of `cbir.pictures`. */
export function pictureConditions(filter: Filter, picture: string): Expression<SqlBool>[] {
  const { dataset, label } = filter
  return [
    ...(dataset === undefined ? [] : [sql<SqlBool>`${sql.ref(`${picture}.dataset`)} = ${dataset}`]),
    ...(label === undefined ? [] : [sql<SqlBool>`${sql.ref(`${picture}.label`)} = ${label}`]),
  ]
}

/**
 * The conditions on plans in the form of the `filter` of `cbir.similar_slices` and `cbir.similar_plans`; null without
 * conditions.
 */
export function filterJson(filter: Filter): Record<string, unknown> | null {
  const range = (least: number | undefined, most: number | undefined) =>
    least === undefined && most === undefined
      ? undefined
      : { ...(least !== undefined && { gte: least }), ...(most !== undefined && { lte: most }) }
  const { dataset, site, structure } = filter
  const entries = Object.entries({
    dataset,
    site,
    structures: structure === undefined ? undefined : { contains: [structure] },
    prescription_gy: range(filter.minPrescription, filter.maxPrescription),
    target_volume_cc: range(filter.minVolume, filter.maxVolume),
  }).filter(([, value]) => value !== undefined)
  return entries.length === 0 ? null : Object.fromEntries(entries)
}
