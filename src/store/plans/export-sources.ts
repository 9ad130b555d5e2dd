import { sql, type RawBuilder } from 'kysely'
import pg from 'pg'
import type { WrittenColumns, WrittenRow } from '../../ingest/files/row-writer.js'
import type { Transaction } from '../connection/connect.js'
import { readSpace } from '../spaces/read-space.js'
import { codeTable } from '../codes/write-codes.js'

/** A file to write, whose rows are read page by page in the order of a key. */
export interface ExportSource {
  readonly name: string
  readonly columns: WrittenColumns
  /** Query for at most `limit` rows whose column `cursor` is greater than `after`, in the order of `cursor`. */
  readonly rows: (after: number, limit: number) => RawBuilder<WrittenRow & { cursor: number }>
}

/** Plans, structures and slices of a data set. */
export function planSources(dataset: string): ExportSource[] {
  return [
    {
      name: 'plans',
      columns: {
        plan_id: 'int',
        plan: 'text',
        patient: 'text',
        split: 'text',
        checksum: 'text',
        site: 'text',
        prescription_gy: 'real',
        voxel_mm: 'reals',
      },
      rows: (after, limit) => sql`
        select plan.id as cursor, plan.id as plan_id, source_key as plan, pseudonym as patient, split, checksum,
          site, prescription_gy, voxel_mm
        from cbir.plan join cbir.patient on patient.id = plan.patient_id
        where dataset = ${dataset} and plan.id > ${after}
        order by plan.id limit ${limit}`,
    },
    {
      name: 'structures',
      columns: {
        plan_id: 'int',
        name: 'text',
        role: 'text',
        volume_cc: 'real',
        mean_gy: 'real',
        max_gy: 'real',
        dvh_bin_gy: 'real',
        dvh: 'reals',
        dosed_share: 'real',
      },
      // The limit applies to plans, whose structures are never split between pages; a plan has a few dozen at most.
      rows: (after, limit) => sql`
        select structure.plan_id as cursor, structure.*
        from cbir.structure
        where structure.plan_id in (
          select plan.id from cbir.plan join cbir.patient on patient.id = plan.patient_id
          where dataset = ${dataset} and plan.id > ${after}
          order by plan.id limit ${Math.ceil(limit / 16)})
        order by structure.plan_id, structure.name`,
    },
    {
      name: 'slices',
      columns: {
        item_id: 'int',
        plan_id: 'int',
        index: 'int',
        position_mm: 'real',
        dose_mean_gy: 'real',
        dose_max_gy: 'real',
      },
      rows: (after, limit) => sql`
        select slice.item_id as cursor, slice.item_id, plan_id, index, position_mm, dose_mean_gy, dose_max_gy
        from cbir.slice join cbir.item on item.id = slice.item_id
        where dataset = ${dataset} and slice.item_id > ${after}
        order by slice.item_id limit ${limit}`,
    },
  ]
}

/** Features of spaces, with the codes of the index that a search of the space uses. */
export async function spaceSources(
  { db }: Transaction,
  dataset: string,
  spaces: readonly string[],
): Promise<ExportSource[]> {
  const sources: ExportSource[] = []
  for (const space of spaces) {
    await readSpace({ db }, space)
    const index = await db
      .selectFrom('lsh.index')
      .select('name')
      .where('relation', '=', sql<string>`to_regclass(${`space.${pg.escapeIdentifier(space)}`})`)
      .where('state', '=', 'ready')
      .orderBy(sql`name <> ${space}`)
      .orderBy('id')
      .executeTakeFirst()
    sources.push(spaceSource(dataset, space, index?.name))
  }
  return sources
}

function spaceSource(dataset: string, space: string, index: string | undefined): ExportSource {
  const codes = { code: 'text', bucket: 'int', norm: 'real', scale: 'real' } as const
  const selected = index === undefined ? sql`` : sql`, code::text as code, bucket, norm, scale`
  const joined =
    index === undefined
      ? sql``
      : sql`join ${sql.raw(codeTable(index))} as code on code.key = feature.item_id`
  return {
    name: space,
    columns: { item_id: 'int', embedding: 'reals', ...(index !== undefined && codes) },
    rows: (after, limit) => sql`
      select feature.item_id as cursor, feature.item_id, embedding ${selected}
      from ${sql.id('space', space)} as feature
        join cbir.item on item.id = feature.item_id
        ${joined}
      where dataset = ${dataset} and feature.item_id > ${after}
      order by feature.item_id limit ${limit}`,
  }
}
