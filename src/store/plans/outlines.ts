import type { StructureMask } from '../../core/slice-structures.js'
import type { Store } from '../connection/connect.js'
import { packedStructures, unpackStructures } from './slice-structures.js'

/**
 * The structures in each slice, by the key of the slice, in the order of their names; `null` for a slice of a plan that
 * was stored without masks.
 */
export async function sliceOutlines(
  store: Pick<Store, 'db'>,
  items: readonly number[],
): Promise<Map<number, readonly StructureMask[] | null>> {
  const packed = await packedStructures(store, items)
  return new Map(
    items.map((item) => {
      const structures = packed.get(item)
      return [item, structures ? unpackStructures(structures).masks : null]
    }),
  )
}
