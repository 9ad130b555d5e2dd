import { describe, expect, test } from 'vitest'
import { readDicomImage } from '../../../../src/ingest/dicom/objects/image.js'
import {
  dicomFile,
  picture,
  syntax,
  type Attributes,
  type DicomOptions,
  type Value,
} from '../bytes.js'
import { losslessJpeg } from '../jpeg-bytes.js'
import { progressiveJpeg, sequentialJpeg } from '../jpeg-dct-bytes.js'
import { rleStream, wasmStream } from '../packed-bytes.js'

const { rows, columns, stored } = picture
const hu = Int16Array.from(stored, (value) => value - 1024)
const samples = { rows, columns, values: stored, precision: 12 }

const read = (options: DicomOptions) => readDicomImage(dicomFile(options), 'ct.dcm')

describe('readDicomImage', () => {
  test.each(['implicit', 'explicit', 'deflated', 'bigEndian'] as const)(
    'reads Hounsfield units and position from %s values',
    async (name) => {
      expect(await read({ transferSyntax: syntax[name] })).toEqual({
        rows,
        columns,
        hu,
        spacingMm: [0.75, 0.5],
        originMm: [-12.5, -40, 17.25],
        orientation: [1, 0, 0, 0, 1, 0],
      })
    },
  )

  test('reads a buffer that is part of a larger one', async () => {
    const file = dicomFile()
    const pool = Buffer.alloc(file.length + 100, 7)
    pool.set(file, 33)
    const image = await readDicomImage(pool.subarray(33, 33 + file.length), 'ct.dcm')
    expect(image.hu).toEqual(hu)
  })

  test('returns null for position attributes that the file lacks', async () => {
    const set = { '0020,0032': null, '0020,0037': null, '0028,0030': ['DS', ''] as const }
    const { spacingMm, originMm, orientation } = await read({ set })
    expect([spacingMm, originMm, orientation]).toEqual([null, null, null])
  })

  test('reads signed values, ignores unused bits, and respects the high bit', async () => {
    const signed = stored.map((value) => value - 1024)
    const bits = (bitsStored: number, highBit: number, sign: number) => ({
      '0028,0101': ['US', [bitsStored]] as Value,
      '0028,0102': ['US', [highBit]] as Value,
      '0028,0103': ['US', [sign]] as Value,
      '0028,1052': ['DS', sign === 1 ? '0' : '-1024'] as Value,
    })
    const cells: [DicomOptions['set'], number[]][] = [
      [bits(16, 15, 1), signed],
      [bits(12, 11, 1), signed.map((value) => value & 0xfff)],
      [bits(12, 11, 1), signed.map((value) => (value & 0xfff) | 0x5000)],
      [bits(12, 11, 0), stored.map((value) => value | 0xa000)],
      [bits(12, 15, 0), stored.map((value) => (value << 4) | 5)],
      [bits(12, 13, 1), signed.map((value) => ((value & 0xfff) << 2) | 0xc003)],
    ]
    for (const [set = {}, pixels] of cells) expect((await read({ set, pixels })).hu).toEqual(hu)
  })

  test('reads pixels of one byte', async () => {
    const set: DicomOptions['set'] = {
      '0028,0100': ['US', [8]],
      '0028,0101': ['US', [8]],
      '0028,0102': ['US', [7]],
      '0028,1053': ['DS', '10'],
    }
    const pixels = stored.map((value) => value >> 3)
    for (const transferSyntax of [syntax.explicit, syntax.bigEndian])
      expect([...(await read({ set, pixels, transferSyntax })).hu]).toEqual(
        pixels.map((value) => 10 * value - 1024),
      )
  })

  test('rounds and limits to 16 bits', async () => {
    const set: DicomOptions['set'] = { '0028,1053': ['DS', '12.3 '], '0028,1052': ['DS', ' -9e3'] }
    const pixels = stored.map((_, i) => i * 10)
    const expected = pixels.map((value) => Math.min(32767, Math.round(value * 12.3 - 9000)))
    expect([...(await read({ set, pixels })).hu]).toEqual(expected)
  })

  test('reads padding as air', async () => {
    const set: DicomOptions['set'] = {
      '0028,0101': ['US', [16]],
      '0028,0102': ['US', [15]],
      '0028,0103': ['US', [1]],
      '0028,0120': ['SS', [-2000]],
    }
    const pixels = stored.map((value, i) => (i < 5 ? -2000 + i : value))
    const one = await read({ set, pixels })
    expect([...one.hu.subarray(0, 6)]).toEqual([-1024, -3023, -3022, -3021, -3020, hu[5]])
    const range = await read({ set: { ...set, '0028,0121': ['SS', [-1997]] }, pixels })
    expect([...range.hu.subarray(0, 6)]).toEqual([-1024, -1024, -1024, -1024, -3020, hu[5]])
  })
})

describe('readDicomImage of padding and unused bits', () => {
  const layout = (bitsStored: number, sign: number): Attributes => ({
    '0028,0101': ['US', [bitsStored]],
    '0028,0102': ['US', [bitsStored - 1]],
    '0028,0103': ['US', [sign]],
    '0028,1052': ['DS', sign === 1 ? '0' : '-1024'],
  })
  test.each<[string, Attributes, number]>([
    ['more bits than are stored', { ...layout(12, 0), '0028,0120': ['US', [63536]] }, 63536],
    ['a sign that the pixels lack', { ...layout(12, 0), '0028,0120': ['SS', [-2000]] }, 63536],
    ['no sign, and the pixels have one', { ...layout(16, 1), '0028,0120': ['US', [63536]] }, -2000],
    ['a sign, in 12 bits', { ...layout(12, 1), '0028,0120': ['SS', [-2000]] }, -2000],
    ['the lowest number there is', { ...layout(16, 1), '0028,0120': ['SS', [-32768]] }, -32768],
  ])('returns air if the padding value has %s', async (_, set, cell) => {
    const signed = set['0028,0103']?.[1][0] === 1
    const cells = stored.map((value, i) => (i < 5 ? cell : signed ? value - 1024 : value) & 0xffff)
    const expected = hu.map((value, i) => (i < 5 ? (signed ? -1000 : -1024) : value))
    const { hu: found } = await read({ set, pixels: cells })
    expect([...found.subarray(5)]).toEqual([...expected.subarray(5)])
    // Air, or a lower value as scanners write it.
    for (const value of found.subarray(0, 5)) expect(value).toBeLessThanOrEqual(-1000)
  })

  test('returns air if only one value needs more bits than are stored', async () => {
    const cells = stored.map((value, i) => (i < 5 ? 63536 : value))
    const { hu: found } = await read({ set: layout(12, 0), pixels: cells })
    expect(found).toEqual(hu.map((value, i) => (i < 5 ? -1024 : value)))
  })

  test('ignores overlays in unused bits', async () => {
    const cells = stored.map((value, i) => value | ((i % 3) << 12))
    expect((await read({ set: layout(12, 0), pixels: cells })).hu).toEqual(hu)
  })

  test('returns the numbers of MONOCHROME1 unchanged', async () => {
    const set: Attributes = { '0028,0004': ['CS', 'MONOCHROME1'] }
    expect((await read({ set })).hu).toEqual(hu)
  })
})

describe('readDicomImage of compressed images', () => {
  test('joins fragments', async () => {
    const whole = rleStream(stored)
    const pixels = [whole.subarray(0, 70), whole.subarray(70, 200), whole.subarray(200)]
    expect((await read({ transferSyntax: syntax.rle, pixels })).hu).toEqual(hu)
  })

  test('returns lossless images from JPEG-LS and JPEG 2000', async () => {
    const jpegLs = await wasmStream('charls', picture, stored)
    const jpeg2000 = await wasmStream('openjpeg', picture, stored)
    expect((await read({ transferSyntax: syntax.jpegLs, pixels: [jpegLs] })).hu).toEqual(hu)
    expect((await read({ transferSyntax: syntax.jpeg2000, pixels: [jpeg2000] })).hu).toEqual(hu)
  })

  test.each([1, 2, 3, 4, 5, 6, 7])(
    'returns lossless images from JPEG with predictor %i',
    async (predictor) => {
      for (const restartRows of [0, 1, 4])
        for (const precision of [12, 16]) {
          const stream = losslessJpeg({ ...samples, precision }, { predictor, restartRows })
          const image = await read({ transferSyntax: syntax.lossless, pixels: [stream] })
          expect(image.hu).toEqual(hu)
        }
      const dropped = losslessJpeg(samples, { predictor, pointTransform: 3 })
      const image = await read({ transferSyntax: syntax.lossless, pixels: [dropped] })
      expect([...image.hu]).toEqual(stored.map((value) => (value & ~7) - 1024))
    },
  )

  test('reads JPEG differences of 16 bits', async () => {
    const set: DicomOptions['set'] = {
      '0028,0101': ['US', [16]],
      '0028,0102': ['US', [15]],
      '0028,1052': ['DS', '-32768'],
    }
    const values = stored.map((_, i) => (i % 3) * 32767 + (i % 2))
    const stream = losslessJpeg({ rows, columns, values, precision: 16 })
    const image = await read({ transferSyntax: syntax.lossless, set, pixels: [stream] })
    expect([...image.hu]).toEqual(values.map((value) => value - 32768))
  })

  test.each([
    ['extended', sequentialJpeg],
    ['progressive', progressiveJpeg],
  ] as const)('is accurate to 1 HU with 12 bits in %s JPEG', async (name, encode) => {
    for (const restartBlocks of [0, 2]) {
      const pixels = [encode(samples, { restartBlocks })]
      const image = await read({ transferSyntax: syntax[name], pixels })
      expect(
        Math.max(...image.hu.map((value, i) => Math.abs(value - (hu[i] as number)))),
      ).toBeLessThan(2)
    }
  })

  test('is accurate to one step with 8 bits in baseline JPEG', async () => {
    const values = stored.map((value) => value >> 3)
    const pixels = [sequentialJpeg({ rows, columns, values, precision: 8 })]
    const set: DicomOptions['set'] = {
      '0028,0100': ['US', [8]],
      '0028,0101': ['US', [8]],
      '0028,0102': ['US', [7]],
      '0028,1053': ['DS', '8'],
    }
    const image = await read({ transferSyntax: syntax.baseline, set, pixels })
    const errors = values.map((value, i) => Math.abs(value * 8 - 1024 - (image.hu[i] as number)))
    expect(Math.max(...errors)).toBeLessThanOrEqual(8)
  })

  test('works beside and after a stream on which a decoder fails', async () => {
    const good = await wasmStream('charls', picture, stored)
    const bad = good.slice()
    bad.fill(0x55, 40, 60)
    const transferSyntax = syntax.jpegLs
    const all = [bad, good, bad, good].map((stream) => read({ transferSyntax, pixels: [stream] }))
    const results = await Promise.allSettled(all)
    expect(results.map(({ status }) => status)).toEqual([
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ])
    expect((await read({ transferSyntax, pixels: [good] })).hu).toEqual(hu)
  })
})
