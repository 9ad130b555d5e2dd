import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { fileWriter, ParquetWriter } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { openVectors, type OpenVectorsOptions } from '../../../src/ingest/vectors/vector-file.js'
import type { VectorKey } from '../../../src/ingest/vectors/vector-block.js'
import { temporaryFolder } from '../fixtures.js'
import { npyBytes } from './npy-bytes.js'

async function written(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), name)
  await writeFile(path, content)
  return path
}

async function rowsOf(path: string, options?: OpenVectorsOptions) {
  const [keys, vectors]: [VectorKey[], number[]] = [[], []]
  for await (const block of (await openVectors(path, options)).blocks()) {
    keys.push(...block.keys)
    vectors.push(...block.vectors)
  }
  return { keys, vectors }
}

const line = (key: string, vector: string) => `{"key":${key},"embedding":[${vector}]}\n`

describe('NDJSON', () => {
  it.each(['\n', '\r\n'])(
    'is read after a byte order mark, with lines ended by %j',
    async (end) => {
      const text = `\ufeff${line('1', '1,2')}\n${line('2', '3,4')}`.replaceAll('\n', end)
      const path = await written('x.ndjson', text)
      expect(await rowsOf(path)).toEqual({ keys: [1, 2], vectors: [1, 2, 3, 4] })
    },
  )

  it.each([
    ['NaN', line('1', 'NaN,2'), /line 3 holds NaN, which JSON cannot represent/],
    ['Infinity', line('1', '1,-Infinity'), /line 3 holds -Infinity/],
    ['a number that is too great', line('1', '1,1e39'), /line 3: embedding: number 2 is beyond/],
    ['one beyond numbers of 8 bytes', line('1', '1e999,1'), /line 3: embedding: number 1 is infin/],
    ['no numbers', line('1', ''), /line 3: embedding has 0 numbers$/],
    ['other dimensions', line('1', '1,2,3'), /line 3: embedding has 3 numbers, the row before/],
    [
      'a key beyond 53 bits',
      line('18446744073709551615', '1,2'),
      /line 3: key is an integer that is too large/,
    ],
    ['what NaN is only part of', '{"key":"NaNna", oops}\n', /line 3 is not a JSON object/],
  ])('with %s is refused, naming its line', async (_, odd, message) => {
    // The empty line counts.
    const path = await written('x.ndjson', `${line('7', '1,2')}\n${odd}`)
    await expect(rowsOf(path)).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(/\.$/) as string,
    })
  })

  it('accepts values that round to the largest 4-byte number, and the smallest ones', async () => {
    const path = await written('x.ndjson', line('1', '3.40282346638528859e38,1e-45'))
    expect((await rowsOf(path)).vectors).toEqual([Math.fround(3.4028234663852886e38), 2 ** -149])
  })

  it('without line ends is refused before it fills the memory', async () => {
    const path = await written('x.ndjson', `${line('1', '1,2')}[${'1,'.repeat(5 << 20)}`)
    await expect(rowsOf(path)).rejects.toMatchObject({
      message: expect.stringMatching(/line 2 is longer than 4 MB/) as string,
    })
  })
})

describe('npy', () => {
  it.each([
    ['NaN', Float32Array.of(1, 2, 3, NaN), /row 2: number 2 is NaN/],
    ['an infinite number', Float64Array.of(1, -Infinity), /row 1: number 2 is infinite/],
    ['a number beyond 4 bytes', Float64Array.of(1, 2, 1e39, 4), /row 2: number 1 is beyond/],
  ])('with %s is refused, naming its row', async (_, values, message) => {
    const path = await written('x.npy', npyBytes(values, [values.length / 2, 2]))
    await expect(rowsOf(path)).rejects.toThrow(message)
  })

  it('accepts unsigned keys in the range of bigint', async () => {
    const path = await written('x.npy', npyBytes(Float32Array.of(1, 2), [2, 1]))
    const keys = await written('k.npy', npyBytes(BigUint64Array.of(5n, 2n ** 63n - 1n), [2]))
    expect((await rowsOf(path, { keys })).keys).toEqual([5n, 2n ** 63n - 1n])
    const narrow = await written('n.npy', npyBytes(Uint32Array.of(5, 4_294_967_295), [2]))
    expect((await rowsOf(path, { keys: narrow })).keys).toEqual([5, 4_294_967_295])
    const wide = await written('w.npy', npyBytes(BigUint64Array.of(5n, 2n ** 63n), [2]))
    await expect(rowsOf(path, { keys: wide })).rejects.toThrow(/w\.npy row 2 .* too large/)
  })

  it('without columns is refused', async () => {
    const path = await written('x.npy', npyBytes(new Float32Array(0), [3, 0]))
    await expect(rowsOf(path)).rejects.toThrow(/rows of 0 numbers/)
  })
})

/** A zstd frame (RFC 8878) with uncompressed bytes in one raw block of a single segment. */
function zstdRaw(bytes: Uint8Array): Uint8Array {
  const head = Buffer.alloc(4 + 1 + 4 + 3)
  head.writeUInt32LE(0xfd2fb528)
  head[4] = 0b1010_0000
  head.writeUInt32LE(bytes.length, 5)
  head.writeUIntLE((bytes.length << 3) | 1, 9, 3)
  return Buffer.concat([head, bytes])
}

/** An LZ4 block that consists of one run of literals. */
function lz4Raw(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 15) return Buffer.concat([Buffer.of(bytes.length << 4), bytes])
  const rest = bytes.length - 15
  const more = [...new Array<number>(Math.floor(rest / 255)).fill(255), rest % 255]
  return Buffer.concat([Buffer.of(0xf0, ...more), bytes])
}

describe('Parquet', () => {
  it.each([
    ['UNCOMPRESSED', undefined],
    ['SNAPPY', undefined],
    ['GZIP', gzipSync],
    ['BROTLI', brotliCompressSync],
    ['ZSTD', zstdRaw],
    ['LZ4_RAW', lz4Raw],
  ] as const)('is read if it is compressed with %s', async (codec, compress) => {
    const path = join(await temporaryFolder(), 'x.parquet')
    const writer = new ParquetWriter({
      writer: fileWriter(path),
      codec,
      ...(compress && {
        compressors: { [codec]: (bytes: Uint8Array) => new Uint8Array(compress(bytes)) },
      }),
      schema: [
        { name: 'root', num_children: 2 },
        { name: 'key', type: 'INT64', repetition_type: 'REQUIRED' },
        { name: 'embedding', converted_type: 'LIST', repetition_type: 'OPTIONAL', num_children: 1 },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        { name: 'element', type: 'FLOAT', repetition_type: 'REQUIRED' },
      ],
    })
    const numbers = Array.from({ length: 300 }, (_, i) => Math.fround(Math.sin(i)))
    await writer.write({
      columnData: [
        { name: 'key', data: numbers.map((_, i) => BigInt(i)) },
        { name: 'embedding', data: numbers.map((x) => [x, 1, 2]) },
      ],
    })
    await writer.finish()
    const { keys, vectors } = await rowsOf(path)
    expect(keys).toEqual(numbers.map((_, i) => BigInt(i)))
    expect(vectors).toEqual(numbers.flatMap((x) => [x, 1, 2]))
  })
})
