import type { Compressors, FileMetaData } from 'hyparquet'
import { LshError } from '../../core/errors.js'

/** Most bytes of a row group, which is held in memory as a whole. */
const GROUP_BYTES = 2 ** 31
/**
 * Most rows of a row group, and most numbers: as many as its bytes hold; a run of equal values takes only a few bytes.
 */
const GROUP_ROWS = 2 ** 24
const GROUP_NUMBERS = GROUP_BYTES / 4

type RowGroup = Pick<FileMetaData['row_groups'][number], 'total_byte_size' | 'num_rows' | 'columns'>

function mostNumbers({ columns }: RowGroup): number {
  return Math.max(0, ...columns.map(({ meta_data }) => Number(meta_data?.num_values ?? 0)))
}

/** Bytes that a row group takes at least once its runs of equal values are unpacked. */
export function unpackedBytes(group: RowGroup): number {
  return Math.max(Number(group.total_byte_size), 4 * mostNumbers(group))
}

/**
 * Refuses a row group that would not fit in memory, by its metadata.
 *
 * @throws LshError `bad_input`
 */
export function assertGroups(path: string, groups: readonly RowGroup[]): void {
  for (const [i, group] of groups.entries()) {
    for (const [found, most, what] of [
      [Number(group.total_byte_size), GROUP_BYTES, 'bytes'],
      [Number(group.num_rows), GROUP_ROWS, 'rows'],
      [mostNumbers(group), GROUP_NUMBERS, 'numbers in a column'],
    ] as const)
      if (found > most)
        throw new LshError('bad_input', `${path} has ${found} ${what} in row group ${i + 1}`, {
          hint: 'At most 2 GiB are read at once: write smaller row groups, "row_group_size=100_000".',
        })
  }
}

/** Decompressors that limit the size of a page to that of a row group, because its header may claim any size. */
export function boundedCompressors(all: Compressors, most: number): Compressors {
  const bounded: Compressors = {}
  for (const [codec, unpack] of Object.entries(all))
    bounded[codec as keyof Compressors] = (bytes, size) => {
      if (size > most) throw new Error(`a page of ${size} bytes is longer than its row group`)
      return unpack(bytes, size)
    }
  return bounded
}

/** Most bytes of an unpacked page: those of the largest row group. */
export function mostPageBytes({ row_groups }: FileMetaData): number {
  // Some writers state the compressed size of a group, or omit the headers of pages.
  const sizes = row_groups.flatMap(({ total_byte_size, columns }) => [
    Number(total_byte_size),
    ...columns.map(({ meta_data }) => Number(meta_data?.total_uncompressed_size ?? 0)),
  ])
  return Math.min(GROUP_BYTES, sizes.reduce((a, b) => Math.max(a, b), 0) + 65536)
}
