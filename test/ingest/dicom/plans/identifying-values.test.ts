import { describe, expect, test } from 'vitest'
import { foldText } from '../../../../src/ingest/files/fold-text.js'
import { identifyingValues } from '../../../../src/ingest/dicom/plans/identifying-values.js'
import { bytesAsText, namesInSets } from '../character-sets.js'
import { dicomFile, syntax, type Attributes } from '../bytes.js'
import { temporaryFolder } from '../../fixtures.js'
import { writeFiles } from '../made-plan.js'

async function valuesOf(set: Attributes, transferSyntax: string = syntax.explicit) {
  const folder = await temporaryFolder()
  await writeFiles(folder, [['a.dcm', dicomFile({ set, transferSyntax })]])
  return (await identifyingValues([folder])).values
}

describe('identifyingValues', () => {
  test.each(namesInSets)('contains names in %s: %s', async (sets, name, hex) => {
    const set: Attributes = { '0008,0005': ['CS', sets], '0010,0010': ['PN', bytesAsText(hex)] }
    for (const transferSyntax of [syntax.explicit, syntax.implicit]) {
      const values = await valuesOf(set, transferSyntax)
      const parts = name.split(/[\^=]/).filter((part) => part.length >= 4)
      const whole = name.split('=')[0]!.replaceAll('^', ' ')
      for (const part of whole.length >= 4 ? [...parts, whole] : parts)
        expect([...values]).toContain(foldText(part))
    }
  })

  test('decodes text by the character sets of its item, or those of the data set', async () => {
    const [, name, hex] = namesInSets.find(([sets]) => sets === 'ISO_IR 144')!
    const values = await valuesOf({
      '0008,0005': ['CS', 'ISO_IR 100'],
      '0040,0275': [
        'SQ',
        [
          { '0008,0005': ['CS', 'ISO_IR 144'], '0008,0090': ['PN', bytesAsText(hex)] },
          { '0040,0007': ['LO', Buffer.from('Schläfe links', 'latin1').toString('latin1')] },
        ],
      ],
    })
    expect([...values]).toContain(foldText(name.split('^')[0]!))
    expect([...values]).toContain('schlafe links')
  })

  test('contains different spellings of a name', async () => {
    const values = await valuesOf({
      '0008,0005': ['CS', 'ISO_IR 100'],
      '0010,0010': ['PN', Buffer.from('Müller^Jürgen', 'latin1').toString('latin1')],
    })
    for (const way of [
      'muller',
      'mueller',
      'jurgen',
      'juergen',
      'muller jurgen',
      'mueller juergen',
    ])
      expect([...values]).toContain(way)
  })

  test('contains short names only as part of the full name, unless they are ideograms', async () => {
    const latin = await valuesOf({ '0010,0010': ['PN', 'Li^Wu'] })
    expect([...latin]).toEqual(expect.arrayContaining(['li wu', 'wu li']))
    expect([...latin]).not.toContain('li')
    const signs = await valuesOf({
      '0008,0005': ['CS', 'ISO_IR 192'],
      '0010,0010': ['PN', Buffer.from('李^武松').toString('latin1')],
    })
    expect([...signs]).toContain('武松')
  })

  test('contains dates in formats of databases, and no UIDs of the standard', async () => {
    const values = await valuesOf({ '0010,0030': ['DA', '19470312'] })
    expect([...values]).toEqual(expect.arrayContaining(['19470312', '1947-03-12']))
    expect([...values].some((value) => value.startsWith('1.2.840.10008.'))).toBe(false)
  })
})
