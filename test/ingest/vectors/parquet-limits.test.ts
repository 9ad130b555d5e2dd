import { describe, expect, it } from 'vitest'
import { assertGroups, boundedCompressors } from '../../../src/ingest/vectors/parquet-limits.js'

const group = { total_byte_size: 1000n, num_rows: 10n, columns: [] }
const column = (values: number) => ({
  file_offset: 0n,
  meta_data: { num_values: BigInt(values) } as never,
})

describe('assertGroups', () => {
  it.each([
    ['bytes', { ...group, total_byte_size: 2n ** 31n + 1n }, /2147483649 bytes in row group 2/],
    ['rows', { ...group, num_rows: 10n ** 12n }, /1000000000000 rows in row group 2/],
    ['numbers', { ...group, columns: [column(1), column(2 ** 30)] }, /1073741824 numbers in a col/],
  ])(
    'refuses a group with too many %s by its stated size, before it is read',
    (_, large, message) => {
      expect(() => assertGroups('x.parquet', [group, large])).toThrow(message)
    },
  )

  it('accepts a group of a million rows of 128 numbers', () => {
    const usual = { total_byte_size: 2n ** 29n, num_rows: 2n ** 20n, columns: [column(2 ** 27)] }
    expect(() => assertGroups('x.parquet', [usual])).not.toThrow()
  })
})

describe('boundedCompressors', () => {
  it('unpack no page that is larger than its row group', () => {
    const sizes: number[] = []
    const { ZSTD } = boundedCompressors(
      {
        ZSTD: (_, size) => {
          sizes.push(size)
          return new Uint8Array(size)
        },
      },
      1000,
    )
    expect(ZSTD?.(new Uint8Array(1), 1000)).toHaveLength(1000)
    expect(() => ZSTD?.(new Uint8Array(1), 2 ** 31 - 1)).toThrow(/longer than its row group/)
    expect(sizes).toEqual([1000])
  })
})
