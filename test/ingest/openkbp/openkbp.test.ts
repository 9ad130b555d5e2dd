import { createHash } from 'node:crypto'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readOpenKbp } from '../../../src/ingest/openkbp/openkbp.js'
import { planFromVolume } from '../../../src/ingest/volume/volume.js'
import { changed, key, tinyVolume, voxel, written } from '../fixtures.js'

describe('readOpenKbp', () => {
  test('returns the plan that was written', async () => {
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

  test('has a checksum that sha256sum can reproduce', async () => {
    const source = await written()
    const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex')
    let list = ''
    for (const name of (await readdir(source.folder)).sort())
      list += `${sha256(await readFile(join(source.folder, name)))}  ${name}\n`
    expect((await readOpenKbp(source)).checksum).toBe(sha256(list))
  })

  test.each(['.DS_Store', '._ct.csv', '._dose.csv', '~$ct.csv', 'Thumbs.db', 'README.txt'])(
    'ignores %s, which is no data, without a remark',
    async (name) => {
      const { slices, remarks } = await readOpenKbp(await changed(name, () => '\0\x05\x16'))
      expect(slices).toHaveLength(2)
      expect(remarks).toBeUndefined()
    },
  )

  test('leaves out CSV files that OpenKBP does not define, with a remark', async () => {
    const plan = await readOpenKbp(await changed('Thyroid.csv', () => 'anything'))
    const plain = await readOpenKbp(await written())
    expect(plan).toEqual({
      ...plain,
      remarks: [expect.stringMatching(/^Thyroid\.csv is left out: .* Brainstem/) as string],
    })
  })

  test('reads a plan without dose.csv as one without dose, with a remark', async () => {
    const plan = await readOpenKbp(await changed('dose.csv', () => null))
    expect(plan.remarks).toEqual(['dose.csv is missing: the plan is stored without dose'])
    expect(plan.slices.map(({ dose }) => dose)).toEqual([null, null])
    expect(
      plan.structures.map(({ name, meanGy, dvh, dosedShare }) => [name, meanGy, dvh, dosedShare]),
    ).toEqual([
      ['PTV70', null, null, null],
      ['SpinalCord', null, null, null],
    ])
    expect(plan.prescriptionGy).toBe(70)
  })

  test('reads a plan with neither dose.csv nor possible_dose_mask.csv', async () => {
    const source = await changed('dose.csv', () => null)
    await rm(join(source.folder, 'possible_dose_mask.csv'))
    expect((await readOpenKbp(source)).slices[0]?.dose).toBeNull()
  })

  test('reads files rewritten by Windows programs and spreadsheets', async () => {
    const source = await written()
    const plain = await readOpenKbp(source)
    for (const name of await readdir(source.folder)) {
      const text = await readFile(join(source.folder, name), 'utf8')
      const again = text.replace(/^,data/, '"","data"').replaceAll('\n', '\r\n')
      await writeFile(join(source.folder, name), `\ufeff${again}`)
    }
    const { checksum, ...again } = await readOpenKbp(source)
    expect({ ...again, checksum: plain.checksum }).toEqual(plain)
    expect(checksum).not.toBe(plain.checksum)
  })

  test('finds files with names in capitals', async () => {
    const source = await written()
    for (const name of await readdir(source.folder))
      await rename(join(source.folder, name), join(source.folder, name.toUpperCase()))
    const { structures } = await readOpenKbp(source)
    expect(structures.map(({ name }) => name)).toEqual(['PTV70', 'SpinalCord'])
  })
})
