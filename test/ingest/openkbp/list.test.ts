import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listOpenKbp } from '../../../src/ingest/openkbp/openkbp.js'
import { temporaryFolder } from '../fixtures.js'

async function tree(...folders: string[]): Promise<string> {
  const root = await temporaryFolder()
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true })
  return root
}

describe('listOpenKbp', () => {
  const original = [
    'provided-data/validation-pats/pt_201',
    'provided-data/train-pats/pt_10',
    'provided-data/train-pats/pt_9',
    'provided-data/train-pats/notes',
    'provided-data/test-pats/pt_241',
  ]
  const found = [
    ['test-pats/pt_241', 'pt_241', 'test'],
    ['train-pats/pt_9', 'pt_9', 'train'],
    ['train-pats/pt_10', 'pt_10', 'train'],
    ['validation-pats/pt_201', 'pt_201', 'test'],
  ]

  test.each([
    ['the folder that holds provided-data', '.', found],
    ['provided-data', 'provided-data', found],
    ['one split folder', 'provided-data/train-pats', found.slice(1, 3)],
  ])('finds plans in %s, by split and then by number', async (_title, from, expected) => {
    const root = await tree(...original)
    const sources = await listOpenKbp(join(root, from))
    expect(sources.map(({ sourceKey, patient, split }) => [sourceKey, patient, split])).toEqual(
      expected,
    )
    expect(sources.map(({ folder }) => folder)).toEqual(
      expected.map(([key]) => join(root, 'provided-data', key as string)),
    )
  })

  test('finds plans directly in the folder, without a split', async () => {
    const root = await tree('pt_2', 'pt_1')
    const sources = await listOpenKbp(root)
    expect(sources.map(({ sourceKey, split }) => [sourceKey, split])).toEqual([
      ['pt_1', null],
      ['pt_2', null],
    ])
  })

  test('ignores files that file managers create beside folders', async () => {
    const root = await tree(
      'train-pats/pt_1',
      'train-pats/._pt_1',
      '.old-pats/pt_2',
      '__MACOSX/pt_1',
    )
    await writeFile(join(root, '.DS_Store'), '')
    await writeFile(join(root, '._train-pats'), '')
    expect(await listOpenKbp(root)).toMatchObject([{ sourceKey: 'train-pats/pt_1' }])
  })

  test('follows links to folders', async () => {
    const root = await tree('elsewhere/pt_5', 'data')
    await symlink(join(root, 'elsewhere'), join(root, 'data', 'train-pats'))
    expect(await listOpenKbp(join(root, 'data'))).toMatchObject([{ sourceKey: 'train-pats/pt_5' }])
  })

  test('refuses a folder without a plan, and shows the expected tree', async () => {
    const root = await tree('other')
    await expect(listOpenKbp(root)).rejects.toMatchObject({
      code: 'bad_input',
      message: `no plan found under ${root}`,
      hint: expect.stringContaining('provided-data/train-pats/pt_1/ct.csv') as string,
    })
  })

  test.each(['missing', 'file'])('refuses a root that is a %s', async (name) => {
    const root = await tree()
    await writeFile(join(root, 'file'), '')
    await expect(listOpenKbp(join(root, name))).rejects.toMatchObject({
      code: 'bad_input',
      message: `cannot read the folder ${join(root, name)}`,
    })
  })
})
