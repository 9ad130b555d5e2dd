import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openRowWriter, type WrittenRow } from '../../../src/ingest/files/row-writer.js'
import { openVectors, type OpenVectorsOptions } from '../../../src/ingest/vectors/vector-file.js'
import type { VectorBlock } from '../../../src/ingest/vectors/vector-block.js'
import { temporaryFolder } from '../fixtures.js'
import { npyBytes } from './npy-bytes.js'

async function written(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), name)
  await writeFile(path, content)
  return path
}

async function blocksOf(path: string, options?: OpenVectorsOptions): Promise<VectorBlock[]> {
  const blocks: VectorBlock[] = []
  for await (const block of (await openVectors(path, options)).blocks()) blocks.push(block)
  return blocks
}

const six = Float32Array.of(1, 2, 3, -4, 0.5, 1e-7)

describe('openVectors of an npy file', () => {
  it('reads its rows, numbered from 0', async () => {
    const path = await written('x.npy', npyBytes(six, [2, 3]))
    expect(await openVectors(path)).toMatchObject({ dims: 3, rows: 2 })
    expect(await blocksOf(path)).toEqual([{ keys: [0, 1], vectors: six, codes: null }])
  })

  it('rounds numbers of 8 bytes, and reads keys from another file', async () => {
    const path = await written('x.npy', npyBytes(Float64Array.from(six), [3, 2]))
    const keys = await written('k.npy', npyBytes(BigInt64Array.of(7n, 2n ** 40n, -1n), [3]))
    const [block] = await blocksOf(path, { keys })
    expect(block).toEqual({ keys: [7n, 2n ** 40n, -1n], vectors: six, codes: null })
  })

  it('reads codes and their buckets from two other files', async () => {
    const path = await written('x.npy', npyBytes(six, [2, 3]))
    const codes = await written('c.npy', npyBytes(Uint8Array.of(1, 2, 3, 4), [2, 2]))
    const buckets = await written('b.npy', npyBytes(Int32Array.of(5, 6), [2]))
    const [block] = await blocksOf(path, { codes, buckets })
    expect(block?.codes).toEqual({
      bits: 16,
      codes: Uint8Array.of(1, 2, 3, 4),
      buckets: Int32Array.of(5, 6),
      norms: null,
      scales: null,
    })
    await expect(openVectors(path, { codes })).rejects.toThrow('codes come with their buckets')
    const short = await written('s.npy', npyBytes(Uint8Array.of(1, 2), [1, 2]))
    await expect(openVectors(path, { codes: short, buckets })).rejects.toThrow(
      /has 1 rows, .* has 2/,
    )
  })

  it('returns many rows in blocks of bounded size with consecutive keys', async () => {
    const rows = 40_000
    const path = await written(
      'x.npy',
      npyBytes(
        Float32Array.from({ length: rows }, (_, i) => i),
        [rows, 1],
      ),
    )
    const blocks = await blocksOf(path)
    expect(blocks.length).toBe(3)
    expect(blocks.flatMap(({ keys }) => keys)).toEqual(Array.from({ length: rows }, (_, i) => i))
    expect(blocks.at(-1)?.vectors.at(-1)).toBe(rows - 1)
  })

  it.each([
    ['is in column-major order', npyBytes(six, [2, 3], { order: 'True' })],
    ['has 1 axes, not 2', npyBytes(six, [6])],
    ['holds numbers of type <i4', npyBytes(Int32Array.of(1, 2), [1, 2])],
    ['is not an npy file', Buffer.from('anything that is longer than a header')],
  ])('refuses a file that %s', async (problem, bytes) => {
    const path = await written('x.npy', bytes)
    await expect(openVectors(path)).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining(problem),
    })
  })

  it('refuses a truncated file, and a file of keys of another length', async () => {
    const path = await written('x.npy', npyBytes(six, [2, 3]))
    const keys = await written('k.npy', npyBytes(Int32Array.of(1), [1]))
    await expect(openVectors(path, { keys })).rejects.toThrow(/has 1 rows, .* has 2/)
    await truncate(path, 140)
    await expect(openVectors(path)).rejects.toThrow(/has 140 bytes, but its header states 152/)
  })
})

const rows: WrittenRow[] = [
  { key: 'a', embedding: Float32Array.of(1.5, 0.1), code: '1010', bucket: 3, norm: 2, scale: null },
  {
    key: 'b',
    embedding: Float32Array.of(-2, 1e-8),
    code: '0111',
    bucket: 0,
    norm: 0.25,
    scale: null,
  },
]
const columns = {
  key: 'text',
  embedding: 'reals',
  code: 'text',
  bucket: 'int',
  norm: 'real',
  scale: 'real',
} as const

describe.each(['ndjson', 'parquet'] as const)('openVectors of a %s file', (format) => {
  async function writtenRows(parts: readonly WrittenRow[][]): Promise<string> {
    const writer = openRowWriter(join(await temporaryFolder(), 'x'), columns, format)
    for (const part of parts) await writer.write(part)
    await writer.finish()
    return writer.path
  }

  it('reads keys, vectors and codes as they were written, bit for bit', async () => {
    const blocks = await blocksOf(await writtenRows([rows.slice(0, 1), rows.slice(1)]))
    expect(blocks.flatMap(({ keys }) => keys)).toEqual(['a', 'b'])
    expect(blocks.flatMap(({ vectors }) => [...vectors])).toEqual(
      [1.5, 0.1, -2, 1e-8].map(Math.fround),
    )
    expect(blocks.flatMap(({ codes }) => [...(codes?.codes ?? [])])).toEqual([0xa0, 0x70])
    expect(blocks[0]?.codes).toMatchObject({ bits: 4, scales: null })
    expect(
      blocks.flatMap(({ codes }) => [...(codes?.buckets ?? []), ...(codes?.norms ?? [])]).sort(),
    ).toEqual([0, 0.25, 2, 3])
  })

  it('names row and field of an invalid value', async () => {
    const odd = { ...rows[1], embedding: Float32Array.of(1, 2, 3) }
    const path = await writtenRows([[rows[0] as WrittenRow, odd]])
    await expect(openVectors(path)).rejects.toThrow(
      /(row|line) 2: embedding has 3 numbers, the row before has 2/,
    )
    await expect(openVectors(path, { vector: 'code' })).rejects.toThrow(
      /(row|line) 1: code is not a list/,
    )
  })

  it('refuses a file without rows', async () => {
    await expect(openVectors(await writtenRows([]))).rejects.toMatchObject({ code: 'bad_input' })
  })
})

describe('openVectors', () => {
  it('refuses a line that is not an object, without quoting it', async () => {
    const path = await written('x.ndjson', '{"key":1,"embedding":[1]}\n{"key":2,"name":"Meier')
    await expect(openVectors(path)).rejects.toThrow(/line 2 is not a JSON object$/)
  })

  it('refuses an invalid Parquet file, and one without the column', async () => {
    const path = await written('x.parquet', 'PAR1 and nothing of the kind')
    await expect(openVectors(path)).rejects.toMatchObject({ code: 'bad_input' })
    const writer = openRowWriter(join(await temporaryFolder(), 'x'), columns, 'parquet')
    await writer.write(rows)
    await writer.finish()
    await expect(openVectors(writer.path, { key: 'id' })).rejects.toMatchObject({
      message: expect.stringContaining('has no column "id"'),
      hint: expect.stringContaining('key, embedding, code'),
    })
  })

  it('reads the keys of a Parquet file without its vectors, and names the row of a missing one', async () => {
    const writer = openRowWriter(join(await temporaryFolder(), 'x'), columns, 'parquet')
    await writer.write(rows)
    await writer.write([{ ...rows[0], key: 'c', embedding: Float32Array.of(1, Number.NaN) }])
    await writer.write([{ ...rows[0], key: null }])
    await writer.finish()
    const file = await openVectors(writer.path)
    const keys = file.keys?.()[Symbol.asyncIterator]()
    expect((await keys?.next())?.value).toEqual(['a', 'b'])
    // Reading the vector of this row would fail.
    expect((await keys?.next())?.value).toEqual(['c'])
    await expect(keys?.next()).rejects.toThrow(/row 4: key is not a key$/)
    await expect(blocksOf(writer.path)).rejects.toThrow(/row 3: embedding: number 2 is NaN$/)
  })

  it('refuses an unknown file type and a missing file', async () => {
    await expect(openVectors('features.csv')).rejects.toThrow(/not a \.npy/)
    for (const name of ['x.npy', 'x.ndjson', 'x.parquet'])
      await expect(openVectors(join(await temporaryFolder(), name))).rejects.toMatchObject({
        code: 'bad_input',
      })
  })
})
