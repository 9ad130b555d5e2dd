import { availableParallelism } from 'node:os'
import { ahead } from '../../core/ahead.js'
import { openThreads } from '../../core/threads.js'
import { openGroups } from './parquet-groups.js'
import type { VectorBlock, VectorFile } from './vector-block.js'
import type { RowNames } from './vector-rows.js'

/** Most bytes of row groups that threads read before they are needed. */
const AHEAD_BYTES = 128 << 20

const workerFile = new URL('./parquet-worker.js', import.meta.url)

/** Opens a Parquet file. Threads read its row groups: making objects of their rows takes longer than writing them. */
export async function parquetFile(
  path: string,
  names: RowNames,
): Promise<Omit<VectorFile, 'dims'>> {
  const file = await openGroups(path, names)
  const groups = [...file.sizes.keys()]
  return {
    rows: file.rows,
    async *blocks() {
      // A thread takes a while to start, and many files have one group.
      const [first, ...others] = groups
      const block = first === undefined ? null : await file.block(first)
      if (block) yield block
      const threads = openThreads<number, VectorBlock | null>(workerFile, {
        threads: availableParallelism(),
        data: { path, names },
        here: (group) => file.block(group),
      })
      const cost = (group: number) => file.sizes[group] as number
      try {
        const reading = ahead(others, (group) => threads.run(group), { limit: AHEAD_BYTES, cost })
        for await (const block of reading) if (block) yield block
      } finally {
        await threads.close()
      }
    },
    async *keys() {
      for (const group of groups) yield await file.keys(group)
    },
  }
}
