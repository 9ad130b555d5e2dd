import { describe, expect, test } from 'vitest'
import type { Plan } from '../../../src/core/plan.js'
import { parseDataSet } from '../../../src/ingest/dicom/elements/data-set.js'
import { listDicom } from '../../../src/ingest/dicom/plans/list.js'
import { readDicomPlan } from '../../../src/ingest/dicom/plans/plan.js'
import { readStructureSet } from '../../../src/ingest/dicom/objects/structure-set.js'
import { pseudonymsOf } from '../../../src/ingest/dicom/plans/pseudonym.js'
import { dicomObject, syntax, type Attributes, type Writing } from './bytes.js'
import { temporaryFolder } from '../fixtures.js'
import { madeDicomPlan, secrets, writeFiles } from './made-plan.js'

const syntaxes = ['implicit', 'explicit', 'bigEndian', 'deflated'] as const
/** Private elements with nested sequences, before and after the elements that are read. */
const nesting: Attributes = {
  '0009,0010': ['LO', 'Private maker'],
  '0009,1001': ['SQ', [{ '0009,1002': ['SQ', [{ '0009,1003': ['LO', 'deep'] }, {}]] }, {}]],
  '3271,0010': ['LO', 'Private maker'],
  '3271,1001': ['SQ', [{ '3271,1002': ['SQ', [{ '3271,1003': ['SH', 'x'] }]] }]],
  // The last value of a file, of two bytes.
  '3273,1001': ['SH', 'A'],
}

async function read(
  transferSyntax: string,
  writing: Writing,
  more: Attributes = {},
): Promise<Plan> {
  const folder = await temporaryFolder()
  const objects = { ct: more, structures: more, plan: more, dose: more }
  await writeFiles(folder, madeDicomPlan({ transferSyntax, writing, ...objects }))
  const { sources, leftOut } = await listDicom([folder], {
    pseudonymise: pseudonymsOf('a key of sixteen or more'),
  })
  expect(leftOut).toEqual([])
  return readDicomPlan(sources[0]!)
}

describe('CT, structure set, plan and dose are the same', () => {
  let plain: Omit<Plan, 'checksum'> | undefined
  async function known(): Promise<Omit<Plan, 'checksum'>> {
    if (plain === undefined) {
      const { checksum: _, ...plan } = await read(syntax.explicit, {})
      plain = plan
    }
    return plain
  }

  const ways: [string, Writing][] = [
    ['with stated lengths', {}],
    ['with open lengths', { lengths: 'open' }],
    ['with sequences as unknown', { unknownSequences: true }],
    ['with sequences as unknown and open', { unknownSequences: true, lengths: 'open' }],
    ['with delimiters that close nothing', { strayDelimiters: true }],
    [
      'with delimiters that close nothing and open lengths',
      { strayDelimiters: true, lengths: 'open' },
    ],
    ['with the length of the header', { start: 'with group length' }],
    ['without preamble', { start: 'without preamble' }],
    ['without preamble and DICM', { start: 'without preamble and DICM' }],
  ]
  const cases = syntaxes.flatMap((name) =>
    ways.map(([way, writing]) => [name, way, writing] as const),
  )

  test.each(cases)('in %s %s, with and without nested sequences', async (name, _, writing) => {
    for (const more of [{}, nesting]) {
      const { checksum: __, ...plan } = await read(syntax[name], writing, more)
      expect(plan).toEqual(await known())
    }
  })

  test.each(['implicit', 'explicit'] as const)('in %s as bare data sets', async (name) => {
    const { checksum: _, ...plan } = await read(syntax[name], { start: 'bare' })
    expect(plan).toEqual(await known())
  })

  test('if the header says explicit for an implicit data set, and vice versa', async () => {
    for (const [said, written] of [
      [syntax.explicit, syntax.implicit],
      [syntax.implicit, syntax.explicit],
    ] as const) {
      const folder = await temporaryFolder()
      const start = dicomObject({}, { transferSyntax: said })
      const files = [...madeDicomPlan({ transferSyntax: written, writing: { start: 'bare' } })]
      await writeFiles(
        folder,
        files.map(
          ([file, bytes]) => [file, new Uint8Array(Buffer.concat([start, bytes]))] as const,
        ),
      )
      const { sources } = await listDicom([folder], {
        pseudonymise: pseudonymsOf('a key of sixteen or more'),
      })
      const { checksum: _, ...plan } = await readDicomPlan(sources[0]!)
      expect(plan).toEqual(await known())
    }
  })
})

describe('parseDataSet', () => {
  test('reads a data set that ends in a value of less than four bytes', async () => {
    for (const value of ['', 'A', 'AB', 'ABC'])
      for (const transferSyntax of [syntax.implicit, syntax.explicit]) {
        const bytes = dicomObject(
          { '0008,0016': ['UI', '1.2'], '3006,00a6': ['PN', value] },
          { transferSyntax },
        )
        const { elements } = await parseDataSet(bytes, 'a.dcm')
        expect(elements.x300600a6?.length).toBe(value.length + (value.length % 2))
      }
  })

  test('does not mistake a value that begins like an item for an item', async () => {
    const bytes = dicomObject(
      {
        '0008,0016': ['UI', '1.2'],
        '0011,1001': ['US', [0xfffe, 0xe000, 99, 0]],
        '0011,1002': ['US', [7]],
      },
      { transferSyntax: syntax.implicit },
    )
    const { elements } = await parseDataSet(bytes, 'a.dcm')
    expect(elements.x00111001).toMatchObject({ length: 8 })
    expect(elements.x00111001?.items).toBeUndefined()
    expect(elements.x00111002?.length).toBe(2)
  })

  test('skips padding at the end of the file', async () => {
    const bytes = dicomObject({ '0008,0016': ['UI', '1.2'] })
    const filled = new Uint8Array(bytes.length + 6)
    filled.set(bytes)
    expect((await parseDataSet(filled, 'a.dcm')).elements.x00080016?.length).toBe(4)
  })

  test('refuses a file that ends within an element, a sequence or an item', async () => {
    const values: Attributes = {
      '0008,0016': ['UI', '1.2.840.10008.5.1.4.1.1.481.3'],
      '3006,0020': ['SQ', [{ '3006,0022': ['IS', '1'] }, { '3006,0022': ['IS', '2'] }]],
    }
    for (const transferSyntax of [syntax.implicit, syntax.explicit, syntax.bigEndian])
      for (const lengths of ['stated', 'open'] as const) {
        const whole = dicomObject(values, { transferSyntax, writing: { lengths } })
        const { content, elements } = await parseDataSet(whole, 'a.dcm')
        // After the first attribute, as a file may end between two of them.
        const first = elements.x00080016!
        for (let end = first.dataOffset + first.length + 1; end < content.length; end++)
          await expect(parseDataSet(whole.slice(0, end), 'a.dcm')).rejects.toThrow(
            'a.dcm is cut off or damaged',
          )
      }
  })

  test('refuses endlessly nested sequences', async () => {
    const open = '08001011ffffffff' + 'feff00e0ffffffff'
    const start = dicomObject({ '0008,0016': ['UI', '1.2'] }, { transferSyntax: syntax.implicit })
    const bytes = Buffer.concat([start, Buffer.from(open.repeat(2000), 'hex')])
    await expect(parseDataSet(bytes, 'a.dcm')).rejects.toThrow(/too many elements/)
  })
})

describe('numbers of contours', () => {
  const contour = (data: string, points?: string): Attributes => ({
    '0008,0016': ['UI', '1.2.840.10008.5.1.4.1.1.481.3'],
    '3006,0020': ['SQ', [{ '3006,0022': ['IS', '1'], '3006,0026': ['LO', secrets.roi] }]],
    '3006,0039': [
      'SQ',
      [
        {
          '3006,0084': ['IS', '1'],
          '3006,0040': [
            'SQ',
            [
              {
                '3006,0042': ['CS', 'CLOSED_PLANAR'],
                ...(points !== undefined && { '3006,0046': ['IS', points] }),
                '3006,0050': ['DS', data],
              },
            ],
          ],
        },
      ],
    ],
  })

  test.each([
    ['0,5\\1\\2', 'is written with decimal commas', /decimal points/],
    ['1\\2\\\\4\\5\\6', 'has a blank value among its numbers', /left out/],
    ['1\\2\\ \\4\\5\\6', 'has a blank value among its numbers', /left out/],
    ['1\\2\\Harkness', 'is not a number', /./],
    ['1\\2\\3\\4', 'of region 1 has 4 values, not three for each point', /incomplete/],
  ])('such as %s are refused with a message for the case', async (data, problem, hint) => {
    const error = await readStructureSet(dicomObject(contour(data)), 'a.dcm').catch(
      (reason: unknown) => reason as Error & { hint: string },
    )
    expect(error).toMatchObject({ message: `a.dcm: (3006,0050) Contour Data ${problem}` })
    expect((error as { hint: string }).hint).toMatch(hint)
  })

  test('are refused if a contour has fewer points than it states', async () => {
    const bytes = dicomObject(contour('0\\0\\0\\9\\0\\0\\9\\9\\0', '4'))
    await expect(readStructureSet(bytes, 'a.dcm')).rejects.toThrow(
      'of region 1 has 3 points, not 4 as (3006,0046) Number of Contour Points says',
    )
  })

  test('may be surrounded by blanks', async () => {
    const bytes = dicomObject(contour(' 0 \\0\\ 0\\9.0\\ +0\\0\\9e0\\ 9 \\0 '))
    const { regions } = await readStructureSet(bytes, 'a.dcm')
    expect([...regions[0]!.contours[0]!.points]).toEqual([0, 0, 0, 9, 0, 0, 9, 9, 0])
  })
})
