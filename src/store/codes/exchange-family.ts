import { LshError } from '../../core/errors.js'
import type { PackedFamily } from '../../hash/family-file.js'
import type { Store } from '../connection/connect.js'
import { saveFamily } from './create-family.js'
import { readFamily } from './families.js'

/**
 * Reads a hash family and its calibration, for export to a file.
 *
 * @throws LshError `LSH01` if it does not exist
 */
export async function packFamily(store: Store, name: string): Promise<PackedFamily> {
  const family = await readFamily(store.db, name)
  const { calibration } = await store.db
    .selectFrom('lsh.family')
    .select('calibration')
    .where('name', '=', name)
    .executeTakeFirstOrThrow()
  return { family, calibration }
}

/** Result of importing a family. */
export interface AddedFamily {
  readonly name: string
  readonly checksum: string
  /** Whether the same family was already stored under that name, so that nothing was written. */
  readonly known: boolean
}

/**
 * Stores a family that was exported from another database. A second import of the same family changes nothing.
 *
 * @throws LshError `bad_usage` if the name belongs to a different family
 */
export async function addPackedFamily(
  store: Store,
  { family, calibration }: PackedFamily,
  options: { name?: string } = {},
): Promise<AddedFamily> {
  const { name = family.name } = options
  const { checksum } = family
  const existing = await store.db
    .selectFrom('lsh.family')
    .select('checksum')
    .where('name', '=', name)
    .executeTakeFirst()
  if (!existing) {
    await saveFamily(store, { ...family, name }, calibration)
  } else if (existing.checksum !== checksum) {
    const drop = `pg-lsh sql "select lsh.drop_family('${name}')"`
    throw new LshError('bad_usage', `a different hash family "${name}" already exists`, {
      hint: `Import it under another name with --name, or drop the existing one: ${drop}.`,
    })
  }
  return { name, checksum, known: existing !== undefined }
}
