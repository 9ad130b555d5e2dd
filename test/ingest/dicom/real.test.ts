import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { LshError } from '../../../src/core/errors.js'
import { readDicomImage } from '../../../src/ingest/dicom/objects/image.js'

const data = process.env.PG_LSH_DATA ?? resolve(import.meta.dirname, '../../../../shared/data')
const root = join(data, 'dicom')
const absent = !existsSync(root)
const title = absent
  ? 'published DICOM files (skipped: no dicom in PG_LSH_DATA)'
  : 'published DICOM files'

/** Files of a folder and of those in it. */
function filesOf(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(root, folder, name))
    .filter((path) => statSync(path).isFile())
}

async function huOf(path: string): Promise<Int16Array> {
  return (await readDicomImage(readFileSync(path), path)).hu
}

function furthest(a: Int16Array, b: Int16Array): number {
  expect(a.length).toBe(b.length)
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0)
}

describe.skipIf(absent)(title, () => {
  const cornerstone = 'ct-transfer-syntaxes-cornerstone'

  test.each([
    // The file has 8 bits of 32.1 HU each.
    ['JPEGProcess1TransferSyntax', 65],
    // 12 bits of 2 HU each before JPEG.
    ['JPEGProcess2_4', 36],
    ['JPEGProcess6_8', 36],
    ['JPEGProcess10_12', 36],
    ['JPEGLSLossy', 1],
    ['JPEG2000TransferSyntax', 5],
    ['LittleEndianImplicit', 0],
    ['LittleEndianExplicit', 0],
    ['BigEndianExplicit', 0],
    ['DeflatedExplicit', 0],
    ['RLELossless', 0],
    ['JPEGProcess14TransferSyntax', 0],
    ['JPEGProcess14SV1', 0],
    ['JPEGLSLossless', 0],
    ['JPEG2000LosslessOnly', 0],
  ])('the slice in %s differs from the original by at most %i HU', async (name, most) => {
    const original = await huOf(join(root, cornerstone, 'CTImage.dcm'))
    const file = filesOf(cornerstone).filter((path) => path.includes(`CTImage.dcm_${name}`))
    expect(file).toHaveLength(1)
    expect(furthest(await huOf(file[0] as string), original)).toBeLessThanOrEqual(most)
  })

  test.each(['CT1', 'CT2'])('%s of NEMA is the same in each lossless form', async (name) => {
    const [first, ...others] = await Promise.all(
      ['RLE', 'JPLL', 'JLSL', 'J2KR'].map((form) =>
        huOf(join(root, 'nema-wg04-ct', form, `${name}_${form}`)),
      ),
    )
    for (const other of others) expect(furthest(other, first as Int16Array)).toBe(0)
  })

  test(
    'the slices of a series are read, compressed or uncompressed',
    { timeout: 60_000 },
    async () => {
      for (const folder of ['openkbp-rt/pt_1', 'openkbp-rt/pt_3-compressed']) {
        const slices = filesOf(folder).filter((path) => path.includes('CT.'))
        expect(slices.length).toBeGreaterThan(100)
        for (const path of slices) {
          const image = await readDicomImage(readFileSync(path), path)
          expect(image).toMatchObject({ rows: 128, columns: 128, orientation: [1, 0, 0, 0, 1, 0] })
          expect(image.hu.every((value) => value >= -1024 && value < 4096)).toBe(true)
        }
      }
    },
  )

  test.each([
    ['odd-fo-dicom', 4],
    ['odd-pydicom', 14],
    ['odd-pydicom-data', 3],
    ['odd-suyashkumar', 0],
  ])('every file of %s is read or refused quickly, with %i images of CT', async (folder, count) => {
    let read = 0
    for (const path of filesOf(folder)) {
      const started = performance.now()
      try {
        const { rows, columns, hu } = await readDicomImage(readFileSync(path), path)
        expect(hu.length, path).toBe(rows * columns)
        read++
      } catch (error) {
        if (!(error instanceof LshError)) throw error
        expect(error.code, path).toBe('bad_input')
      }
      expect(performance.now() - started, path).toBeLessThan(5000)
    }
    expect(read).toBe(count)
  })
})
