import { LshError } from '../../core/errors.js'
import type { PackedFamily } from '../../hash/family-file.js'
import type { Store } from '../connection/connect.js'
import { saveFamily } from './create-family.js'
import { readFamily } from './families.js'

/**
 * A hash family with its calibration.
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

/** What came in. */
export interface AddedFamily {
  readonly name: string
  readonly checksum: string
  /** Whether the same family already had that name, so that nothing was written. */
  readonly known: boolean
}

/**
 * Stores a family from another database. Importing the same one twice changes nothing.
 *
 * @throws LshError `bad_usage` if the name belongs to another family
 */
export async function addPackedFamily(
  store: Store,
  { family, calibration }: PackedFamily,
  options: { name?: string } = {},
): Promise<AddedFamily> {
  const { name = family.name } = options
  const { checksum } = family
  const standing = await store.db
    .selectFrom('lsh.family')
    .select('checksum')
    .where('name', '=', name)
    .executeTakeFirst()
  if (!standing) {
    await saveFamily(store, { ...family, name }, calibration)
  } else if (standing.checksum !== checksum) {
    throw new LshError('bad_usage', `another hash family "${name}" already exists`, {
      hint: `Import it by another name with --name, or drop that one: pg-lsh sql "select lsh.drop_family('${name}')".`,
    })
  }
  return { name, checksum, known: standing !== undefined }
}
