import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { decode, encode } from 'fast-png'
import { describe, expect, test } from 'vitest'
import { LshError } from '../../../src/core/errors.js'
import { crc32 } from '../../../src/ingest/files/crc32.js'
import { readPngImage } from '../../../src/ingest/pictures/png-image.js'

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10)

function chunk(type: string, content: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + content.length)
  bytes.writeUInt32BE(content.length)
  bytes.write(type, 4, 'latin1')
  bytes.set(content, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), 8 + content.length)
  return bytes
}

interface Header {
  width: number
  height: number
  depth?: number
  colour?: number
}

/** A PNG with any header and any data. */
function png({ width, height, depth = 8, colour = 0 }: Header, data: Uint8Array): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  header.set([depth, colour], 8)
  const packed = deflateSync(data)
  const chunks = [chunk('IHDR', header), chunk('IDAT', packed), chunk('IEND', new Uint8Array(0))]
  return Buffer.concat([signature, ...chunks])
}

async function refused(bytes: Uint8Array): Promise<LshError> {
  try {
    await readPngImage(bytes, 'query.png')
  } catch (error) {
    if (!(error instanceof LshError)) throw error
    expect(error.code).toBe('bad_input')
    expect(error.message).toMatch(/^query\.png /)
    expect(error.hint).toMatch(/\.$/)
    return error
  }
  throw new Error('it was read')
}

describe('readPngImage', () => {
  test('reads grey of 8 and 16 bits from 0 to 1, row by row', async () => {
    const size = { width: 3, height: 2, channels: 1 as const }
    const eight = encode({ ...size, depth: 8, data: Uint8Array.of(0, 51, 102, 153, 204, 255) })
    const expected = Float32Array.of(0, 0.2, 0.4, 0.6, 0.8, 1)
    expect(await readPngImage(eight, 'a.png')).toEqual({
      rows: 2,
      columns: 3,
      depth: 8,
      grey: expected,
      window: null,
    })
    const data = Uint16Array.of(0, 13107, 26214, 39321, 52428, 65535)
    const sixteen = await readPngImage(encode({ ...size, depth: 16, data }), 'a.png')
    expect(sixteen).toEqual({ rows: 2, columns: 3, depth: 16, grey: expected, window: null })
  })

  test('converts colour to luminance, which keeps grey', async () => {
    const data = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 102, 102, 102)
    const { grey } = await readPngImage(
      encode({ width: 4, height: 1, channels: 3, depth: 8, data }),
      'a',
    )
    expect(grey).toEqual(Float32Array.of(0.299, 0.587, 0.114, 0.4))
  })

  test('blends transparent pixels with black', async () => {
    const size = { width: 2, height: 1, depth: 8 as const }
    const grey = encode({ ...size, channels: 2, data: Uint8Array.of(255, 51, 51, 255) })
    expect((await readPngImage(grey, 'a')).grey).toEqual(Float32Array.of(0.2, 0.2))
    const data = Uint8Array.of(255, 255, 255, 0, 0, 255, 0, 255)
    expect((await readPngImage(encode({ ...size, channels: 4, data }), 'a')).grey).toEqual(
      Float32Array.of(0, 0.587),
    )
  })

  test('reads interlaced pictures of any size', async () => {
    for (const [width, height] of [
      [1, 1],
      [5, 7],
      [8, 8],
      [3, 11],
      [17, 2],
    ] as const) {
      const data = Uint8Array.from({ length: width * height }, (_, i) => (i * 37) % 256)
      const file = encode({ width, height, channels: 1, depth: 8, data }, { interlace: 'Adam7' })
      expect((await readPngImage(file, 'a')).grey).toEqual(
        Float32Array.from(data, (value) => value / 255),
      )
    }
  })

  test('reverses every filter like another reader, for all kinds of pixels', async () => {
    for (const [colour, channels] of [
      [0, 1],
      [4, 2],
      [2, 3],
      [6, 4],
    ] as const)
      for (const depth of [8, 16] as const) {
        const [width, height] = [7, 15]
        const length = 1 + (width * channels * depth) / 8
        // Filtered bytes may have any value; the rows use the filters in turn.
        const rows = Uint8Array.from({ length: height * length }, (_, i) =>
          i % length === 0 ? (i / length) % 5 : (i * i * 31 + i * 7) % 256,
        )
        const file = png({ width, height, depth, colour }, rows)
        const white = 2 ** depth - 1
        const { data } = decode(file)
        const expected = Float32Array.from({ length: width * height }, (_, pixel) => {
          const [red = 0, green = 0, blue = 0] = data.subarray(pixel * channels)
          const light = channels < 3 ? red : 0.299 * red + 0.587 * green + 0.114 * blue
          const cover = channels % 2 === 1 ? white : data[pixel * channels + channels - 1]!
          return ((cover / white) * light) / white
        })
        expect((await readPngImage(file, 'a')).grey).toEqual(expected)
      }
  })

  test('yields to the event loop every 64 kB of the largest picture that it reads', async () => {
    const [width, height] = [2048, 2048]
    const length = 1 + width * 4
    const rows = new Uint8Array(height * length)
    for (let i = 0; i < rows.length; i++) rows[i] = i % length === 0 ? 4 : (i * 40503) >>> 13
    const file = png({ width, height, colour: 6 }, rows)
    let turns = 0
    let watched = true
    const turn = () => {
      turns++
      if (watched) setImmediate(turn)
    }
    setImmediate(turn)
    const { grey } = await readPngImage(file, 'a')
    watched = false
    expect(grey).toHaveLength(width * height)
    expect(turns).toBeGreaterThanOrEqual(Math.floor(rows.length / 65536))
  })

  test('allocates no memory for an invalid size or missing data', async () => {
    const zeros = new Uint8Array(64_000_000)
    const bombs = [
      png({ width: 8000, height: 8000 }, zeros),
      png({ width: 1, height: 1 }, zeros),
      png({ width: 2048, height: 2048, depth: 16, colour: 6 }, new Uint8Array(100)),
    ]
    expect(bombs[0]!.length).toBeLessThan(63_000)
    for (const bomb of bombs) {
      const before = process.memoryUsage().arrayBuffers
      await refused(bomb)
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6)
    }
  })

  test('refuses too many chunks, and parts that do not match their checksum', async () => {
    const file = png({ width: 3, height: 1 }, Uint8Array.of(0, 1, 2, 3))
    const empty = Buffer.concat(Array.from({ length: 1e5 }, () => chunk('tEXt', new Uint8Array(0))))
    const long = Buffer.concat([file.subarray(0, 33), empty, file.subarray(33)])
    expect((await refused(long)).message).toMatch(/more than 100000 chunks/)
    for (const [at, message] of [
      [29, /its header does not match its checksum/],
      [file.length - 13, /its data do not match their checksum/],
    ] as const) {
      const damaged = Uint8Array.from(file)
      damaged[at]! ^= 1
      expect((await refused(damaged)).message).toMatch(message)
    }
  })

  test('skips chunks that are not part of the picture', async () => {
    const file = encode({ width: 1, height: 1, channels: 1, depth: 8, data: Uint8Array.of(255) })
    const others = [chunk('iCCP', Buffer.from('no profile')), chunk('tEXt', Buffer.from('no text'))]
    const parts = [file.subarray(0, 33), ...others, file.subarray(33)]
    expect((await readPngImage(Buffer.concat(parts), 'a')).grey).toEqual(Float32Array.of(1))
  })

  const row = Uint8Array.of(0, 1, 2, 3)
  const cases: [string, Uint8Array, RegExp][] = [
    ['nothing', new Uint8Array(0), /is not a PNG file/],
    ['another file', new TextEncoder().encode('GIF89a'), /is not a PNG file/],
    ['a signature alone', signature, /is cut off/],
    ['a palette', png({ width: 3, height: 1, colour: 3 }, row), /has 8 bits in the colour type 3/],
    ['4 bits', png({ width: 3, height: 1, depth: 4 }, row), /has 4 bits in the colour type 0/],
    ['no pixels', png({ width: 0, height: 1 }, row), /has 0 x 1 pixels/],
    [
      'too many pixels',
      png({ width: 2049, height: 2048 }, row),
      /has 2049 x 2048 pixels of 1 bytes/,
    ],
    [
      'too many bytes',
      png({ width: 8000, height: 8000, depth: 16, colour: 6 }, row),
      /8000 pixels of 8 bytes/,
    ],
    [
      'few bytes that would be many',
      png({ width: 8000, height: 8000 }, new Uint8Array(8000 * 8001)),
      /has 8000 x 8000 pixels of 1 bytes/,
    ],
    [
      'the largest numbers',
      png({ width: 0xffffffff, height: 0xffffffff }, row),
      /has 4294967295 x/,
    ],
    ['too few data', png({ width: 3, height: 2 }, row), /less data than pixels/],
    ['too many data', png({ width: 3, height: 1 }, new Uint8Array(50e6)), /more data than pixels/],
    [
      'an unknown filter',
      png({ width: 3, height: 1 }, Uint8Array.of(9, 1, 2, 3)),
      /cannot be decoded/,
    ],
  ]
  test.each(cases)('refuses %s', async (_, bytes, message) => {
    expect((await refused(bytes)).message).toMatch(message)
  })

  test('refuses a picture that is truncated at any place', async () => {
    const file = png({ width: 3, height: 1 }, row)
    for (let end = 0; end < file.length; end++) await refused(file.subarray(0, end))
  })

  test('reads or refuses a damaged file', async () => {
    const data = Uint8Array.from({ length: 300 }, (_, i) => i % 251)
    const file = encode({ width: 10, height: 10, channels: 3, depth: 8, data })
    const place = fc.integer({ min: 0, max: file.length - 1 })
    const changes = fc.array(fc.tuple(place, fc.integer({ min: 1, max: 255 })), { maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(changes, async (flips) => {
        const damaged = Uint8Array.from(file)
        for (const [at, mask] of flips) damaged[at]! ^= mask
        try {
          expect((await readPngImage(damaged, 'query.png')).grey).toHaveLength(100)
        } catch (error) {
          if (!(error instanceof LshError)) throw error
        }
      }),
      { seed: 8, numRuns: 400 },
    )
  })
})
