import { sql } from 'kysely'
import type { HashFamily } from '../../hash/family.js'
import type { Store } from '../connection/connect.js'
import { readFamily } from './families.js'

/** A family that was trained on the classes of items. */
export interface LabelledFamily {
  readonly family: HashFamily
  /** The patients, tiles or neurons whose items it was trained on: values of `cbir.patient.id`. */
  readonly trainedOn: readonly number[]
}

/** Reads the families that were trained on the classes of items of a space, ordered by name. */
export async function labelledFamilies(
  { db }: Pick<Store, 'db'>,
  space: string,
): Promise<LabelledFamily[]> {
  const { rows } = await sql<{ name: string; trained_on: number[] }>`
    select name, calibration -> 'training' -> 'trained_on' as trained_on
    from lsh.family
    where calibration -> 'training' ? 'trained_on'
      and to_regclass(calibration ->> 'relation') = to_regclass(format('space.%I', ${space}::text))
    order by name`.execute(db)
  const families: LabelledFamily[] = []
  for (const { name, trained_on: trainedOn } of rows)
    families.push({ family: await readFamily(db, name), trainedOn })
  return families
}
