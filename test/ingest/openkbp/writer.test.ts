import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listOpenKbp, readOpenKbp } from '../../../src/ingest/openkbp/openkbp.js'
import { writeOpenKbp } from '../../../src/ingest/openkbp/writer.js'
import { syntheticPlans, syntheticVolume } from '../../../src/ingest/phantom/phantom.js'
import { temporaryFolder, tinyVolume, voxel } from '../fixtures.js'

describe('writeOpenKbp', () => {
  test('writes the files of the original data set, with voxels in ascending order', async () => {
    const folder = join(await temporaryFolder(), 'new', 'pt_1')
    await writeOpenKbp(tinyVolume(), folder)
    expect((await readdir(folder)).sort()).toEqual([
      'PTV70.csv',
      'SpinalCord.csv',
      'ct.csv',
      'dose.csv',
      'possible_dose_mask.csv',
      'voxel_dimensions.csv',
    ])
    const lines = async (name: string) => (await readFile(join(folder, name), 'utf8')).split('\n')
    expect((await lines('ct.csv')).slice(0, 3)).toEqual([
      ',data',
      `${voxel(50, 60, 60)},924.0`,
      `${voxel(50, 60, 61)},924.0`,
    ])
    expect((await lines('dose.csv'))[1]).toBe(`${voxel(50, 60, 60)},30`)
    expect((await lines('PTV70.csv'))[1]).toBe(`${voxel(54, 64, 60)},`)
    expect(await lines('voxel_dimensions.csv')).toEqual([
      '1.000000000000000000e+1',
      '1.000000000000000000e+1',
      '2.500000000000000000e+0',
      '',
    ])
  })

  test('writes a phantom that is read as the same plan', { timeout: 60_000 }, async () => {
    const root = await temporaryFolder()
    await writeOpenKbp(syntheticVolume(1, { sliceMm: 10 }), join(root, 'pt_1'))
    const [source] = await listOpenKbp(root)
    const read = await readOpenKbp(source as NonNullable<typeof source>)
    const [plan] = syntheticPlans({ patients: 1, sliceMm: 10 })
    const { slices, structures, prescriptionGy, voxelMm } = read
    expect({ structures, prescriptionGy, voxelMm }).toEqual({
      structures: plan?.structures,
      prescriptionGy: plan?.prescriptionGy,
      voxelMm: plan?.voxelMm,
    })
    expect(slices.map(({ index }) => index)).toEqual(plan?.slices.map(({ index }) => index))
    // Compared as bytes, since a comparison by elements takes seconds.
    const bytes = ({ buffer }: Int16Array | Float32Array) => Buffer.from(buffer as ArrayBuffer)
    slices.forEach((slice, n) => {
      const made = plan?.slices[n] as typeof slice
      expect(bytes(slice.ct).equals(bytes(made.ct))).toBe(true)
      expect(bytes(slice.dose!).equals(bytes(made.dose!))).toBe(true)
    })
  })
})
