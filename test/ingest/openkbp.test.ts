import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readOpenKbp } from '../../src/ingest/openkbp.js'
import { planFromVolume } from '../../src/ingest/volume.js'
import { changed, key, tinyVolume, voxel, written } from './fixtures.js'

describe('readOpenKbp', () => {
  test('gives back the plan that was written', async () => {
    const volume = tinyVolume({ targets: ['PTV56', 'PTV70'] })
    const source = await written(volume)
    const plan = await readOpenKbp(source)
    const { sourceKey, patient, split } = source
    const { checksum } = plan
    expect({ sourceKey, patient, split }).toEqual({
      sourceKey: key,
      patient: 'pt_7',
      split: 'train',
    })
    const site = 'head and neck'
    expect(plan).toEqual(planFromVolume(volume, { sourceKey, patient, split, checksum, site }))
    expect(plan.voxelMm).toEqual([10, 10, 2.5])
  })

  test('reads stored values as HU + 1024, with air outside and metal clipped', async () => {
    const source = await changed('ct.csv', (text) =>
      text
        .replace(`${voxel(51, 61, 60)},1125.0`, `${voxel(51, 61, 60)},32743.0`)
        .replace(`${voxel(51, 62, 60)},1126.0`, `${voxel(51, 62, 60)},3.0`),
    )
    const [slice] = (await readOpenKbp(source)).slices
    expect(slice?.ct[51 * 128 + 60]).toBe(100)
    expect(slice?.ct[51 * 128 + 61]).toBe(3071)
    expect(slice?.ct[51 * 128 + 62]).toBe(-1021)
    expect(slice?.ct[0]).toBe(-1024)
  })

  test('changes the checksum with any byte of any file, and only then', async () => {
    const { checksum } = await readOpenKbp(await written())
    expect(checksum).toMatch(/^[0-9a-f]{64}$/)
    expect((await readOpenKbp(await written())).checksum).toBe(checksum)
    for (const [name, change] of [
      ['dose.csv', (text: string) => text.replace(',70\n', ',70.0\n')],
      ['voxel_dimensions.csv', () => '10\n10\n2.5\n'],
      ['Larynx.csv', () => `,data\n${voxel(55, 65, 60)},\n`],
    ] as const)
      expect((await readOpenKbp(await changed(name, change))).checksum).not.toBe(checksum)
  })

  test('has the checksum that sha256sum gives by hand', async () => {
    const source = await written()
    const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex')
    let list = ''
    for (const name of (await readdir(source.folder)).sort())
      list += `${sha256(await readFile(join(source.folder, name)))}  ${name}\n`
    expect((await readOpenKbp(source)).checksum).toBe(sha256(list))
  })

  test('leaves files alone that are not CSV', async () => {
    const source = await changed('.DS_Store', () => 'x')
    expect((await readOpenKbp(source)).slices).toHaveLength(2)
  })
})
