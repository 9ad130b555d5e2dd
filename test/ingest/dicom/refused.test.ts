import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LshError } from '../../../src/core/errors.js'
import { parseDataSet } from '../../../src/ingest/dicom/elements/data-set.js'
import { readDicomImage } from '../../../src/ingest/dicom/objects/image.js'
import { openFrames } from '../../../src/ingest/dicom/pixels/pixel-data.js'
import { readPixelLayout } from '../../../src/ingest/dicom/pixels/pixel-layout.js'
import { dicomFile, element, picture, syntax, type DicomOptions, type Value } from './bytes.js'
import { losslessJpeg } from './jpeg-bytes.js'
import { progressiveJpeg, sequentialJpeg } from './jpeg-dct-bytes.js'
import { rleStream, wasmStream } from './packed-bytes.js'

const { rows, columns, stored } = picture
const samples = { rows, columns, values: stored, precision: 12 }
const us = (value: number): Value => ['US', [value]]

/** The refusal of a file after checking its form; any other result fails the test. */
async function refused(bytes: Uint8Array): Promise<LshError> {
  const error: unknown = await readDicomImage(bytes, 'query.dcm').then(
    () => new Error('it was read'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof LshError)) throw error
  expect(error.code).toBe('bad_input')
  expect(error.message).toMatch(/^query\.dcm/)
  expect(error.hint).toMatch(/\.$/)
  expect(`${error.message} ${error.hint} ${String(error.cause)}`).not.toMatch(/SECRET|5550123|1999/)
  expect(error.cause).toBeUndefined()
  return error
}

describe('readDicomImage refuses', () => {
  const ways: [string, DicomOptions, RegExp][] = [
    [
      'another object',
      { set: { '0008,0016': ['UI', '1.2.840.10008.5.1.4.1.1.4'] } },
      /\(0008,0016\) SOP Class UID is MR, not CT/,
    ],
    [
      'an unknown object',
      { set: { '0008,0016': ['UI', '1.2.SECRET'] } },
      /\(0008,0016\) SOP Class UID is something else/,
    ],
    ['no object', { set: { '0008,0016': null } }, /\(0008,0016\) SOP Class UID is missing/],
    [
      'another modality',
      { set: { '0008,0060': ['CS', 'SECRET'] } },
      /\(0008,0060\) Modality is not CT/,
    ],
    [
      'several frames',
      { set: { '0028,0008': ['IS', '2'] } },
      /\(0028,0008\) Number of Frames is 2/,
    ],
    ['colour', { set: { '0028,0002': us(3) } }, /\(0028,0002\) Samples per Pixel is 3/],
    [
      'a palette',
      { set: { '0028,0004': ['CS', 'PALETTE COLOR'] } },
      /\(0028,0004\) Photometric Interpretation is not MONOCHROME2/,
    ],
    [
      'grey that is inverted, numbers and all',
      { set: { '0028,0004': ['CS', 'MONOCHROME1'], '0028,1052': ['DS', '1024'] } },
      /\(0028,0004\) .* is MONOCHROME1, and there is no air along the border/,
    ],
    ['no rows', { set: { '0028,0010': null } }, /\(0028,0010\) Rows is missing/],
    ['0 columns', { set: { '0028,0011': us(0) } }, /\(0028,0011\) Columns is 0/],
    [
      'two numbers for one',
      { set: { '0028,0010': ['US', [21, 19]] } },
      /\(0028,0010\) Rows has 4 bytes/,
    ],
    ['cells of 32 bits', { set: { '0028,0100': us(32) } }, /\(0028,0100\) Bits Allocated is 32/],
    [
      'more bits than a cell has',
      { set: { '0028,0101': us(17) } },
      /\(0028,0101\) Bits Stored is 17 of 16/,
    ],
    [
      'a high bit too low',
      { set: { '0028,0102': us(10) } },
      /\(0028,0102\) High Bit is 10 with 12 bits/,
    ],
    ['a strange sign', { set: { '0028,0103': us(2) } }, /\(0028,0103\) Pixel Representation is 2/],
    ['no slope', { set: { '0028,1053': null } }, /\(0028,1053\) Rescale Slope is missing/],
    ['a slope of 0', { set: { '0028,1053': ['DS', '0'] } }, /\(0028,1053\) Rescale Slope is 0/],
    [
      'an intercept that is text',
      { set: { '0028,1052': ['DS', 'SECRET'] } },
      /\(0028,1052\) Rescale Intercept is not a number/,
    ],
    [
      'an infinite intercept',
      { set: { '0028,1052': ['DS', '1e999'] } },
      /\(0028,1052\) Rescale Intercept is not a number/,
    ],
    [
      'another unit',
      { set: { '0028,1054': ['LO', 'Z_EFF'] } },
      /\(0028,1054\) Rescale Type is not HU/,
    ],
    [
      'a spacing of one number',
      { set: { '0028,0030': ['DS', '0.5'] } },
      /\(0028,0030\) Pixel Spacing has 1 values, not 2/,
    ],
    [
      'a spacing below 0',
      { set: { '0028,0030': ['DS', '0.5\\-1'] } },
      /\(0028,0030\) Pixel Spacing is not greater than 0/,
    ],
    ['no pixels', { pixels: null }, /\(7FE0,0010\) Pixel Data is missing/],
    [
      'too few pixels',
      { pixels: stored.slice(1) },
      /\(7FE0,0010\) Pixel Data has 796 bytes, the image needs 798/,
    ],
    [
      'too many pixels',
      { pixels: [...stored, ...stored, 1] },
      /\(7FE0,0010\) Pixel Data has 1598 bytes, the image needs 798/,
    ],
    [
      'an unknown transfer syntax',
      { transferSyntax: '1.2.840.10008.1.2.4.201' },
      /\(0002,0010\) Transfer Syntax UID names/,
    ],
    [
      'plain pixels called compressed',
      { transferSyntax: syntax.rle },
      /\(7FE0,0010\) Pixel Data is not compressed, against \(0002,0010\)/,
    ],
    [
      'compressed pixels called plain',
      { pixels: [rleStream(stored)] },
      /\(7FE0,0010\) Pixel Data is compressed, against/,
    ],
  ]
  test.each(ways)('%s', async (_, options, message) => {
    expect((await refused(dicomFile(options))).message).toMatch(message)
  })

  test.each([
    ['nothing', new Uint8Array(0)],
    ['a text', new TextEncoder().encode('SECRET '.repeat(100))],
    ['a picture', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10)],
  ])('%s', async (_, bytes) => {
    expect((await refused(bytes)).message).toMatch(/is not a DICOM file/)
  })

  test('no transfer syntax', async () => {
    const file = Buffer.from(dicomFile())
    file.writeUInt16LE(0x11, 132 + 2)
    expect((await refused(file)).message).toMatch(/\(0002,0010\) Transfer Syntax UID is missing/)
  })

  test('compressed images of a size other than the file states', async () => {
    const other = { rows: 20, columns: 19 }
    const values = stored.slice(0, 20 * 19)
    const streams: [string, Uint8Array][] = [
      [syntax.lossless, losslessJpeg({ ...other, values, precision: 12 })],
      [syntax.extended, sequentialJpeg({ ...other, values, precision: 12 })],
      [syntax.jpegLs, await wasmStream('charls', other, values)],
      [syntax.jpeg2000, await wasmStream('openjpeg', other, values)],
    ]
    for (const [transferSyntax, stream] of streams)
      expect((await refused(dicomFile({ transferSyntax, pixels: [stream] }))).message).toMatch(
        /is 20 x 19 in its JPEG.* stream, Rows x Columns are 21 x 19/,
      )
  })

  test('a size that exceeds any memory', async () => {
    const set = { '0028,0010': us(65535), '0028,0011': us(65535) }
    expect((await refused(dicomFile({ set }))).message).toMatch(
      /\(0028,0010\) Rows and Columns are 65535 x 65535/,
    )
  })

  test('many large images in few bytes, before it allocates memory', async () => {
    const stream = await wasmStream('openjpeg', picture, stored)
    const file = dicomFile({ transferSyntax: syntax.jpeg2000, pixels: [stream] })
    const dataSet = await parseDataSet(file, 'query.dcm')
    const layout = readPixelLayout(dataSet)
    const before = process.memoryUsage().arrayBuffers
    expect(() => openFrames(dataSet, { ...layout, frames: 32, rows: 2048, columns: 2048 })).toThrow(
      /has \d+ bytes for 32 images of 2048 x 2048/,
    )
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6)
  })

  test('a file that inflates without end', async () => {
    const transferSyntax = syntax.deflated
    const start = dicomFile({ transferSyntax }).subarray(0, 132 + 8 + transferSyntax.length)
    const bomb = deflateRawSync(new Uint8Array(100e6))
    expect((await refused(Buffer.concat([start, bomb]))).message).toMatch(
      /grows beyond 67108864 bytes/,
    )
  })

  test('a header without end', async () => {
    const start = dicomFile({ transferSyntax: syntax.implicit, pixels: null })
    const items = Buffer.from('08001011ffffffff' + 'feff00e000000000'.repeat(1e6), 'hex')
    expect((await refused(Buffer.concat([start, items]))).message).toMatch(/has too many elements/)
  })

  test('a small JPEG 2000 stream with packets that would take minutes', async () => {
    const stream = await wasmStream('openjpeg', picture, stored)
    // Tiles of 4 x 4 pixels with the maximum number of layers.
    stream.set([0, 0, 0, 4, 0, 0, 0, 4], 24)
    const style = Buffer.from(stream).indexOf(Buffer.from([0xff, 0x52]))
    stream.set([0xff, 0xff], style + 6)
    const file = dicomFile({ transferSyntax: syntax.jpeg2000, pixels: [stream] })
    expect((await refused(file)).message).toMatch(/packets in its JPEG 2000 stream/)
  })
})

describe('readDicomImage of damaged files', () => {
  const names = [
    'explicit',
    'implicit',
    'bigEndian',
    'deflated',
    'rle',
    'lossless',
    'extended',
    'progressive',
    'jpegLs',
    'jpeg2000',
  ] as const

  async function fileOf(name: (typeof names)[number]): Promise<Uint8Array> {
    const streams: Partial<Record<typeof name, () => Uint8Array | Promise<Uint8Array>>> = {
      rle: () => rleStream(stored),
      lossless: () => losslessJpeg(samples, { predictor: 4, restartRows: 4 }),
      extended: () => sequentialJpeg(samples),
      progressive: () => progressiveJpeg(samples, { restartBlocks: 3 }),
      jpegLs: () => wasmStream('charls', picture, stored),
      jpeg2000: () => wasmStream('openjpeg', picture, stored),
    }
    const stream = await streams[name]?.()
    return dicomFile({ transferSyntax: syntax[name], ...(stream && { pixels: [stream] }) })
  }

  /** Reads or refuses a file within a moment. */
  async function readOrRefuse(bytes: Uint8Array): Promise<void> {
    const started = performance.now()
    const image = await readDicomImage(bytes, 'query.dcm').catch((error: unknown) => {
      if (!(error instanceof LshError)) throw error
      expect(`${error.message} ${error.hint}`).not.toMatch(/SECRET|5550123|1999/)
      return null
    })
    if (image !== null) expect(image.hu.length).toBe(image.rows * image.columns)
    expect(performance.now() - started).toBeLessThan(5000)
  }

  test.each(names)('reads or refuses damaged files of %s values', async (name) => {
    const file = await fileOf(name)
    // The preamble is not changed, as it has no meaning.
    const place = fc.integer({ min: 128, max: file.length - 1 })
    const changes = fc.array(fc.tuple(place, fc.integer({ min: 1, max: 255 })), { maxLength: 4 })
    const length = fc.oneof(place, fc.constant(file.length))
    await fc.assert(
      fc.asyncProperty(changes, length, async (flips, end) => {
        const damaged = file.slice(0, end)
        for (const [at, mask] of flips) if (at < end) damaged[at]! ^= mask
        await readOrRefuse(damaged)
      }),
      { seed: 7, numRuns: 120 },
    )
  })

  test.each(names)('refuses %s values that are truncated at any place', async (name) => {
    const file = await fileOf(name)
    for (let end = 0; end < file.length - 1; end += 7) await refused(file.slice(0, end))
  })

  test('does not reveal the patient when lengths are wrong', async () => {
    const form = { explicit: true, little: true }
    const patient = element('0010,0010', ['PN', 'SECRET^PATIENT'], form)
    for (const tag of ['0028,1053', '0028,0030', '0008,0016', '0028,0004'])
      await refused(dicomFile({ set: { [tag]: ['DS', patient.toString('latin1')] } }))
  })
})
