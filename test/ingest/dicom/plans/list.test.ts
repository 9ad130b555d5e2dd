import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listDicom } from '../../../../src/ingest/dicom/plans/list.js'
import { readDicomPlan } from '../../../../src/ingest/dicom/plans/plan.js'
import { pseudonymsOf } from '../../../../src/ingest/dicom/plans/pseudonym.js'
import { dicomFile } from '../bytes.js'
import { temporaryFolder } from '../../fixtures.js'
import { madeDicomPlan, secrets, writeFiles } from '../made-plan.js'
import { zipOf } from '../../vectors/zip-bytes.js'

const pseudonymise = pseudonymsOf('a key of sixteen or more')
const list = (...paths: string[]) => listDicom(paths, { pseudonymise })

async function folderOf(files: Iterable<readonly [string, Uint8Array]>): Promise<string> {
  const folder = await temporaryFolder()
  await writeFiles(folder, files)
  return folder
}

describe('listDicom', () => {
  test('finds a plan whose files lie in folders and archives, with the same content from both', async () => {
    const files = [...madeDicomPlan()]
    const plain = await list(await folderOf(files))
    const folder = await folderOf(
      files.slice(0, 3).map(([name, bytes]) => [`deep/er/${name}`, bytes]),
    )
    await writeFile(join(folder, 'one.zip'), zipOf(files.slice(3, 8), { deflated: true }))
    await writeFile(join(folder, 'without a name'), zipOf(files.slice(8), { deflated: false }))
    const packed = await list(folder)
    expect(packed.leftOut).toEqual([])
    expect(packed.sources).toHaveLength(1)
    expect(await readDicomPlan(packed.sources[0]!)).toEqual(await readDicomPlan(plain.sources[0]!))
  })

  test('gives the reason why it ignores each other file', async () => {
    const files = madeDicomPlan()
    const text = new TextEncoder()
    files.set('cell.swc', text.encode('# soma\n1 1 0 0 0 5 -1\n'))
    files.set('slice.png', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10))
    files.set('mr.dcm', dicomFile({ set: { '0008,0016': ['UI', '1.2.840.10008.5.1.4.1.1.4'] } }))
    files.set('copy.dcm', files.get('plan.dcm')!)
    files.set('broken.zip', text.encode('PK\u0003\u0004 and no more'))
    files.set('nested.zip', zipOf([['inner.zip', zipOf([['x', text.encode('x')]])]]))
    const { sources, leftOut } = await list(await folderOf(files))
    expect(sources).toHaveLength(1)
    expect(Object.fromEntries(leftOut.map(({ file, reason }) => [file, reason]))).toEqual({
      'broken.zip': 'is a zip archive that is cut off or damaged',
      'cell.swc': 'is not a DICOM file: it has no "DICM" after 128 bytes',
      'mr.dcm': '(0008,0016) SOP Class UID is not a CT, RT structure set, RT plan or RT dose',
      'nested.zip/inner.zip': 'is an archive within an archive: unpack it first',
      'plan.dcm': 'is the same object as copy.dcm',
      'slice.png': 'is not a DICOM file: it has no "DICM" after 128 bytes',
    })
  })

  test.each([
    ['plan.dcm', { 'dose.dcm': /plan is not among/, 'structures.dcm': /belongs to no plan/ }],
    ['structures.dcm', { 'plan.dcm': /structure set is not among the files/ }],
    ['image 0.dcm', { 'plan.dcm': /CT is incomplete: 1 of 7 images/ }],
  ] as const)('reports what is missing without %s', async (name, reasons) => {
    const files = madeDicomPlan()
    files.delete(name)
    const { sources, leftOut } = await list(await folderOf(files))
    expect(sources).toEqual([])
    expect(leftOut).toHaveLength(files.size)
    for (const [file, reason] of Object.entries(reasons))
      expect(leftOut.find((one) => one.file === file)?.reason).toMatch(reason)
  })

  test('does not join files of two patients', async () => {
    const files = madeDicomPlan()
    files.set(
      'dose.dcm',
      madeDicomPlan({ dose: { '0010,0020': ['LO', 'another'] } }).get('dose.dcm')!,
    )
    const { sources, leftOut } = await list(await folderOf(files))
    expect(sources).toEqual([])
    expect(leftOut.find(({ file }) => file === 'plan.dcm')?.reason).toMatch(/of another patient/)
  })

  test('removes the patient from reported file names', async () => {
    const files = [...madeDicomPlan()].map(
      ([name, bytes]) => [`HARKNESS ${secrets.id}/${secrets.birth} ${name}`, bytes] as const,
    )
    const folder = await folderOf([
      ...files,
      [`Harkness ${secrets.id}/notes.txt`, new Uint8Array(9)],
    ])
    const { sources, leftOut } = await list(folder)
    const names = [sources[0]!.plan!.name, ...leftOut.map(({ file }) => file)]
    expect(names).toEqual(['… …/… plan.dcm', '… …/notes.txt'])
  })

  test('follows links without endless loops', async () => {
    const folder = await folderOf(madeDicomPlan())
    await symlink(folder, join(folder, 'again'))
    expect((await list(folder)).sources).toHaveLength(1)
  })

  test('refuses a folder that does not exist', async () => {
    await expect(list('/nowhere/at/all')).rejects.toThrow('/nowhere/at/all cannot be read')
  })

  test('reads a bare data set without the header of part 10', async () => {
    const files = new Map(
      [...madeDicomPlan()].map(([name, bytes]) => [name, bytes.subarray(132 + 28)]),
    )
    const { sources, leftOut } = await list(await folderOf(files))
    expect(leftOut).toEqual([])
    expect((await readDicomPlan(sources[0]!)).slices).toHaveLength(7)
  })
})
