import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readOpenKbp } from '../../../src/ingest/openkbp/openkbp.js'
import { changed, key, voxel, written } from '../fixtures.js'

const cutLines = (count: number) => (text: string) =>
  `${text.trimEnd().split('\n').slice(0, -count).join('\n')}\n`
const append = (lines: string) => (text: string) => text + lines
const outside = voxel(2, 2, 2)

describe('readOpenKbp', () => {
  const gone = () => null
  test.each([
    ['a plan without CT', 'ct.csv', gone, 'ct.csv is missing'],
    [
      'a plan without dose mask',
      'possible_dose_mask.csv',
      gone,
      'possible_dose_mask.csv is missing',
    ],
    ['a plan without voxel size', 'voxel_dimensions.csv', gone, 'voxel_dimensions.csv is missing'],
    ['a plan without target', 'PTV70.csv', gone, ' has no target structure'],
    ['an empty structure', 'PTV70.csv', () => ',data\n', 'PTV70.csv line 1: file ends after'],
    ['a wrong header', 'dose.csv', (t: string) => t.slice(1), 'dose.csv line 1: header is "data"'],
    ['a malformed line', 'ct.csv', append('12;5\n'), 'ct.csv line 290: malformed line "12;5"'],
    [
      'an index out of range',
      'ct.csv',
      append('2097152,5\n'),
      'ct.csv line 290: index 2097152 is out',
    ],
    [
      'a doubled index',
      'ct.csv',
      append(`${voxel(61, 71, 61)},5\n`),
      'ct.csv line 290: index 1008573 is listed twice',
    ],
    ['a negative HU', 'ct.csv', append('12,-5\n'), 'ct.csv line 290: value -5 is negative'],
    ['a dose of NaN', 'dose.csv', append('12,NaN\n'), 'dose.csv line 290: value NaN is not finite'],
    [
      'a dose of infinity',
      'dose.csv',
      append('12,inf\n'),
      'dose.csv line 290: value inf is not finite',
    ],
    [
      'a mask with a value',
      'PTV70.csv',
      append('12,1\n'),
      'PTV70.csv line 34: mask has the value "1"',
    ],
    [
      'a line that is cut off',
      'ct.csv',
      (t: string) => t.slice(0, -1),
      'ct.csv line 289: file is cut off',
    ],
    [
      'a dose cut by one line',
      'dose.csv',
      cutLines(1),
      'dose.csv line 288: file ends without voxel 1008573',
    ],
    [
      'a dose mask cut by one line',
      'possible_dose_mask.csv',
      cutLines(1),
      'possible_dose_mask.csv line 288: file ends without voxel 1008573',
    ],
    [
      'a dose outside its mask',
      'dose.csv',
      append(`${outside},0.5\n`),
      `possible_dose_mask.csv line 289: file ends without voxel ${outside}`,
    ],
    [
      'a CT that ends before the body',
      'ct.csv',
      cutLines(17),
      'ct.csv line 272: file ends at voxel 1007548, 17 voxels of possible_dose_mask.csv lie behind it',
    ],
    [
      'a voxel size cut off',
      'voxel_dimensions.csv',
      (t: string) => t.slice(0, -3),
      'voxel_dimensions.csv line 3: file is cut off',
    ],
    [
      'two voxel sizes',
      'voxel_dimensions.csv',
      () => '4\n4\n',
      'voxel_dimensions.csv line 3: has 2 lines, not 3',
    ],
    [
      'a line of two voxel sizes',
      'voxel_dimensions.csv',
      () => '4,4\n',
      'voxel_dimensions.csv line 1: has 2 numbers, not 3',
    ],
    [
      'voxel sizes that are numbered otherwise',
      'voxel_dimensions.csv',
      () => ',data\n1,4\n2,4\n3,3\n',
      'voxel_dimensions.csv line 2: "1,4" does not begin with "0,"',
    ],
    [
      'voxel sizes with decimal commas',
      'voxel_dimensions.csv',
      () => '3,9\n3,9\n2,5\n',
      'voxel_dimensions.csv line 1: "3,9" is not a positive number',
    ],
    [
      'voxel sizes in UTF-16',
      'voxel_dimensions.csv',
      () => Buffer.from('\ufeff4\n4\n3\n', 'utf16le'),
      'voxel_dimensions.csv line 1: file is in UTF-16',
    ],
    ['a capital double', 'CT.csv', () => ',data\n1,2\n', ' has CT.csv and ct.csv'],
    [
      'a blank line between others',
      'dose.csv',
      (t: string) => t.replace('\n', '\n\n'),
      'dose.csv line 2: malformed line ""',
    ],
    [
      'an index that was rounded',
      'dose.csv',
      append('1.04858e+06,5\n'),
      'dose.csv line 290: index 1.04858e+06 is rounded',
    ],
    [
      'a CT in UTF-16',
      'ct.csv',
      (t: string) => Buffer.from(`\ufeff${t}`, 'utf16le'),
      'ct.csv line 1: file is in UTF-16',
    ],
    [
      'a voxel size of 0',
      'voxel_dimensions.csv',
      () => '4\n0\n3\n',
      'voxel_dimensions.csv line 2: "0" is not a positive number',
    ],
    [
      'a voxel size in words',
      'voxel_dimensions.csv',
      () => '4\n4\nfour\n',
      'voxel_dimensions.csv line 3: "four" is not',
    ],
  ])('refuses %s, naming file and line', async (_title, name, change, message) => {
    const error: unknown = await readOpenKbp(await changed(name, change)).then(
      () => 'accepted',
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ name: 'LshError', code: 'bad_input' })
    const { message: said, hint } = error as { message: string; hint: string }
    expect(said).toContain(message.startsWith(' ') ? key + message : `${key}/${message}`)
    expect(hint.length).toBeGreaterThan(20)
  })

  test.each(['ct.csv', 'voxel_dimensions.csv'])('refuses %s that is a folder', async (name) => {
    const source = await changed(name, () => null)
    await mkdir(join(source.folder, name))
    await expect(readOpenKbp(source)).rejects.toMatchObject({
      code: 'bad_input',
      message: `${key}/${name} cannot be read`,
    })
  })

  test('refuses a folder that does not exist', async () => {
    const source = { ...(await written()), folder: '/nowhere/pt_7' }
    await expect(readOpenKbp(source)).rejects.toMatchObject({
      code: 'bad_input',
      message: `${key} cannot be read at /nowhere/pt_7`,
    })
  })
})
