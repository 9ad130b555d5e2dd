import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { readPlace, type FilePlace } from '../../../src/ingest/files/file-place.js'
import { temporaryFolder } from '../fixtures.js'
import { zipOf } from '../vectors/zip-bytes.js'

const content = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) % 251)

/** A file that is alone in its archive; the directory of the archive may state other sizes. */
async function placeOf(
  bytes: Uint8Array,
  { deflated = true, size = bytes.length, compressedSize = -1 } = {},
): Promise<FilePlace> {
  const path = join(await temporaryFolder(), 'one.zip')
  await writeFile(path, zipOf([['x', bytes]], { deflated }))
  const packed = deflated ? deflateRawSync(bytes).length : bytes.length
  const found = compressedSize < 0 ? packed : compressedSize
  return { name: 'x', path, size, packed: { offset: 0, compressedSize: found, deflated } }
}

async function memoryOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().arrayBuffers
  await work()
  return process.memoryUsage().arrayBuffers - before
}

describe('readPlace of a file in an archive', () => {
  test.each([true, false])('returns all of it or its start (deflated: %s)', async (deflated) => {
    const place = await placeOf(content, { deflated })
    expect(Buffer.compare(await readPlace(place), content)).toBe(0)
    expect(Buffer.compare(await readPlace(place, 1000), content.subarray(0, 1000))).toBe(0)
  })

  test('reads content that compression enlarges', async () => {
    const noise = Uint8Array.from({ length: 50_000 }, (_, i) => (Math.imul(i, 0x9e3779b1) ^ i) >> 9)
    for (const bytes of [noise, new Uint8Array(0), Uint8Array.of(7)])
      expect(Buffer.compare(await readPlace(await placeOf(bytes)), bytes)).toBe(0)
  })

  test('does not allocate memory for an impossible stated size', async () => {
    for (const sizes of [
      { size: 500 << 20, compressedSize: 1000 },
      { size: 1000, compressedSize: 4e9 },
      { size: 1000, compressedSize: 4e9, deflated: false },
      { size: 500 << 20, compressedSize: 1000, deflated: false },
    ]) {
      const place = await placeOf(content, sizes)
      const refused = () =>
        expect(readPlace(place)).rejects.toThrow(/in its archive, which is impossible/)
      expect(await memoryOf(refused)).toBeLessThan(1e6)
    }
  })

  test('stops at the stated size, and at the requested length of a start', async () => {
    const bomb = new Uint8Array(60_000_000)
    const small = await placeOf(bomb, { size: 100_000 })
    expect(
      await memoryOf(() =>
        expect(readPlace(small)).rejects.toThrow(/unpacks to more bytes than the archive states/),
      ),
    ).toBeLessThan(2e6)
    const whole = await placeOf(bomb)
    const start = async () => expect(await readPlace(whole, 1000)).toHaveLength(1000)
    expect(await memoryOf(start)).toBeLessThan(2e6)
  })

  test('refuses a truncated or damaged file', async () => {
    const cut = await placeOf(content, { size: content.length + 1 })
    await expect(readPlace(cut)).rejects.toThrow(/is cut off in its archive/)
    const half = await placeOf(content, { compressedSize: 1000 })
    await expect(readPlace(half)).rejects.toThrow(/cannot be unpacked/)
  })
})
