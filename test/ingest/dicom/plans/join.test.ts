import { describe, expect, test } from 'vitest'
import type { Plan } from '../../../../src/core/plan.js'
import { listDicom } from '../../../../src/ingest/dicom/plans/list.js'
import { readDicomPlan } from '../../../../src/ingest/dicom/plans/plan.js'
import { pseudonymsOf } from '../../../../src/ingest/dicom/plans/pseudonym.js'
import { dicomObject, syntax, type Attributes } from '../bytes.js'
import { temporaryFolder } from '../../fixtures.js'
import {
  header,
  madeDicomPlan,
  rtDose,
  uids,
  writeFiles,
  type MadePlanOptions,
} from '../made-plan.js'

type Files = Map<string, Uint8Array>

async function list(files: Files, strictReferences = false) {
  const folder = await temporaryFolder()
  await writeFiles(folder, files)
  const pseudonymise = pseudonymsOf('a key of sixteen or more')
  return listDicom([folder], { pseudonymise, strictReferences })
}

/** The only plan of the files, with the files that were left out. */
async function readOnly(files: Files): Promise<Plan & { leftOut: string[] }> {
  const { sources, leftOut } = await list(files)
  expect(sources).toHaveLength(1)
  return { ...(await readDicomPlan(sources[0]!)), leftOut: leftOut.map(({ file }) => file) }
}

/** The reason why the plan of the files is left out. */
async function whyLeftOut(files: Files, options: { file?: string; strict?: boolean } = {}) {
  const { file = 'plan.dcm', strict = false } = options
  const { sources, leftOut } = await list(files, strict)
  expect(sources).toEqual([])
  expect(leftOut.map((one) => one.hint).join()).not.toMatch(/undefined/)
  return leftOut.find((one) => one.file === file)?.reason
}

/** The plan with some of its files changed. */
function changed(options: MadePlanOptions, ...names: string[]): Files {
  const [files, others] = [madeDicomPlan(), madeDicomPlan(options)]
  for (const name of names) files.set(name, others.get(name)!)
  return files
}

function without(files: Files, ...names: string[]): Files {
  for (const name of names) files.delete(name)
  return files
}

const dosesOf = (plan: Plan) => plan.slices.map(({ dose }) => [...dose!])
const expectSameDose = (plan: Plan, other: Plan) => {
  const [one, two] = [dosesOf(plan).flat(), dosesOf(other).flat()]
  expect(one).toHaveLength(two.length)
  const apart = one.reduce((most, gy, i) => Math.max(most, Math.abs(gy - two[i]!)), 0)
  expect(apart).toBeLessThan(1e-3)
}

const otherFrame: Attributes = { '0020,0052': ['UI', '1.2.3.99'] }
const identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]

/** A registration of another frame of reference to that of the CT. */
function registration(
  matrices: readonly (readonly number[])[],
  changes: Attributes = {},
  type = 'RIGID',
): Uint8Array {
  const item = (frame: string, steps: typeof matrices): Attributes => ({
    '0020,0052': ['UI', frame],
    '0070,0309': [
      'SQ',
      [
        {
          '0070,030a': [
            'SQ',
            steps.map((values): Attributes => ({
              '0070,030c': ['CS', type],
              '3006,00c6': ['DS', values.join('\\')],
            })),
          ],
        },
      ],
    ],
  })
  const items = [item(uids.frame, [identity]), item('1.2.3.99', matrices)]
  return dicomObject({
    ...header('66.1', '1.2.3.50', 'REG'),
    '0070,0308': ['SQ', items],
    ...changes,
  })
}

describe('a dose in another frame of reference', () => {
  // A rotation by 90 degrees about the axis of the patient, and a translation.
  const motion = [0, -1, 0, 12, 1, 0, 0, -7, 0, 0, 1, 4, 0, 0, 0, 1]
  /** The plan with the dose grid before the motion. */
  const moved = (): Files => {
    // In the frame of the CT, the first voxel of the grid lies at (-171.5, -206.5, -15).
    const dose: Attributes = {
      ...otherFrame,
      '0020,0032': ['DS', `${-206.5 + 7}\\${171.5 + 12}\\${-15 - 4}`],
      '0020,0037': ['DS', '0\\-1\\0\\1\\0\\0'],
    }
    return changed({ dose }, 'dose.dcm')
  }

  test('is refused without a registration', async () => {
    expect(await whyLeftOut(moved())).toMatch(
      /dose dose\.dcm does not lie in the frame of reference of its CT: \(0020,0052\)/,
    )
  })

  test('is moved to the CT by a registration', async () => {
    const files = moved().set('reg.dcm', registration([motion]))
    const plan = await readOnly(files)
    expectSameDose(plan, await readOnly(madeDicomPlan()))
    expect(plan.remarks).toContain('dose dose.dcm is moved to the CT by registration reg.dcm')
    expect(plan.leftOut).toEqual([])
  })

  test('is moved by several matrices in their order', async () => {
    const turn = [0, -1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    const shift = [1, 0, 0, 12, 0, 1, 0, -7, 0, 0, 1, 4, 0, 0, 0, 1]
    const plan = await readOnly(moved().set('reg.dcm', registration([turn, shift])))
    expectSameDose(plan, await readOnly(madeDicomPlan()))
  })

  test('is not moved by a registration that deforms, scales, or belongs to another patient', async () => {
    const scaled = motion.map((value, i) => (i < 12 && i % 4 !== 3 ? value * 1.02 : value))
    for (const other of [
      registration([scaled]),
      registration([motion], {}, 'AFFINE'),
      registration([motion], { '0010,0020': ['LO', 'another'] }),
    ])
      expect(await whyLeftOut(moved().set('reg.dcm', other))).toMatch(/\(0020,0052\)/)
  })

  test('is refused if two registrations disagree', async () => {
    const near = motion.map((value, i) => (i === 3 ? value + 2 : value))
    const files = moved()
      .set('reg.dcm', registration([motion]))
      .set('reg 2.dcm', registration([near], { '0008,0018': ['UI', '1.2.3.51'] }))
    expect(await whyLeftOut(files)).toMatch(/two registrations: reg 2\.dcm and reg\.dcm/)
    files.set('reg 2.dcm', registration([motion], { '0008,0018': ['UI', '1.2.3.51'] }))
    expect((await readOnly(files)).leftOut).toEqual(['reg.dcm'])
  })

  test('is assumed to be in that of the CT if it names none, unless references are strict', async () => {
    const files = changed({ dose: { '0020,0052': null } }, 'dose.dcm')
    const { remarks } = await readOnly(files)
    expect(remarks?.join()).toMatch(/\(0020,0052\) Frame of Reference UID is missing/)
    expect(await whyLeftOut(files, { strict: true })).toMatch(/\(0020,0052\)/)
  })
})

describe('a dose that refers to no plan', () => {
  const loose: MadePlanOptions = { dose: { '300c,0002': null } }

  test('belongs to the only plan of the study, unless references are strict', async () => {
    const files = changed(loose, 'dose.dcm')
    const plan = await readOnly(files)
    expectSameDose(plan, await readOnly(madeDicomPlan()))
    expect(plan.remarks?.join()).toMatch(/dose\.dcm: \(300C,0002\) .* is missing/)
    expect(await whyLeftOut(files, { strict: true })).toMatch(/\(300C,0002\)/)
  })

  test('is left out if it could belong to two plans', async () => {
    const files = changed(loose, 'dose.dcm')
    const plan: Attributes = { '0008,0018': ['UI', '1.2.3.5'] }
    files.set('plan 2.dcm', madeDicomPlan({ plan }).get('plan.dcm')!)
    expect(await whyLeftOut(files)).toMatch(/no dose refers; dose\.dcm of its study refers to no/)
    // One of the plans has a dose of its own.
    const own = rtDose({ dose: { '0008,0018': ['UI', '1.2.3.6'] } })
    const { sources } = await list(files.set('dose 2.dcm', own))
    expect(sources.map(({ doses }) => doses.map(({ place }) => place.name)).sort()).toEqual([
      ['dose 2.dcm'],
      ['dose.dcm'],
    ])
  })

  test('does not belong to a plan of another study', async () => {
    const other: Attributes = { '300c,0002': null, '0020,000d': ['UI', '1.2.3.7'] }
    const { slices, leftOut } = await readOnly(changed({ dose: other }, 'dose.dcm'))
    expect(slices.every(({ dose }) => dose === null)).toBe(true)
    expect(leftOut).toEqual(['dose.dcm'])
  })
})

describe('doses', () => {
  test('are refused if they are sums over several plans', async () => {
    const plans = [uids.plan, '1.2.3.5'].map((uid): Attributes => ({ '0008,1155': ['UI', uid] }))
    expect(await whyLeftOut(changed({ dose: { '300c,0002': ['SQ', plans] } }, 'dose.dcm'))).toMatch(
      /only dose, dose\.dcm, is the sum of 2 plans: \(300C,0002\)/,
    )
  })

  test('are refused if they are relative doses of beams', async () => {
    const beam = (n: number): Attributes => ({
      '0008,0018': ['UI', `1.9.${n}`],
      '3004,0002': ['CS', 'RELATIVE'],
      '3004,000a': ['CS', 'BEAM'],
      '3004,000e': ['DS', `${0.5e-6 / 60}`],
      '300c,0002': [
        'SQ',
        [
          {
            '0008,1155': ['UI', uids.plan],
            '300c,0020': ['SQ', [{ '300c,0004': ['SQ', [{ '300c,0006': ['IS', `${n}`] }]] }]],
          },
        ],
      ],
    })
    const numbers = [1, 2].map((n): Attributes => ({ '300a,00c0': ['IS', `${n}`] }))
    const files = without(madeDicomPlan({ plan: { '300a,00b0': ['SQ', numbers] } }), 'dose.dcm')
    for (const n of [1, 2]) files.set(`beam ${n}.dcm`, rtDose({ dose: beam(n) }))
    await expect(readOnly(files)).rejects.toThrow(/beam 1\.dcm: \(3004,0002\) .* no single/)
  })
})

describe('a plan without dose', () => {
  test('has null for every value of dose', async () => {
    const plan = await readOnly(without(madeDicomPlan(), 'dose.dcm'))
    expect(plan.prescriptionGy).toBe(60)
    expect(plan.slices.map(({ dose }) => dose)).toEqual(plan.slices.map(() => null))
    for (const { meanGy, maxGy, dvh, dosedShare, volumeCc } of plan.structures) {
      expect([meanGy, maxGy, dvh, dosedShare]).toEqual([null, null, null, null])
      expect(volumeCc).toBeGreaterThan(0)
    }
    expect(plan.remarks).toContain('no dose is among the files: the plan is stored without dose')
  })

  test('may consist of CT and structures alone', async () => {
    const dosed = await readOnly(madeDicomPlan())
    const plan = await readOnly(without(madeDicomPlan(), 'dose.dcm', 'plan.dcm'))
    expect(plan.treatment).toEqual({
      fractions: null,
      radiation: null,
      technique: null,
      machine: null,
    })
    expect(plan.slices.map(({ ct }) => ct)).toEqual(dosed.slices.map(({ ct }) => ct))
    expect(plan.structures.map(({ volumeCc }) => volumeCc)).toEqual(
      dosed.structures.map(({ volumeCc }) => volumeCc),
    )
    expect(plan.leftOut).toEqual([])
  })

  test('is not assumed for structures whose plan is missing', async () => {
    const files = without(madeDicomPlan(), 'plan.dcm')
    expect(await whyLeftOut(files, { file: 'dose.dcm' })).toMatch(/plan is not among the files/)
  })
})

describe('a structure set that names no series', () => {
  const bare = { '3006,0010': ['SQ', [{ '0020,0052': ['UI', uids.frame] }]] } satisfies Attributes
  const files = () => changed({ structures: bare }, 'structures.dcm')

  test('belongs to the only CT in its frame of reference, unless references are strict', async () => {
    expect((await readOnly(files())).remarks?.join()).toMatch(/names no CT series/)
    expect(await whyLeftOut(files(), { strict: true })).toMatch(/\(3006,0014\)/)
  })

  test('is refused if it could belong to several', async () => {
    const phases = files()
    for (const name of madeDicomPlan().keys())
      if (name.startsWith('image')) phases.set(`phase ${name}`, renumbered(name, '1.2.3.8'))
    expect(await whyLeftOut(phases)).toMatch(/several share its frame of reference/)
  })

  /** An image with a UID of its own. */
  function renumbered(name: string, series: string): Uint8Array {
    const number = name.replace(/\D/g, '')
    const ct: Attributes = {
      '0020,000e': ['UI', series],
      '0008,0018': ['UI', `${series}.${number}`],
    }
    return madeDicomPlan({ ct }).get(name)!
  }
})

describe('localizers', () => {
  const across: Attributes = {
    '0008,0018': ['UI', '1.2.3.40'],
    '0020,0037': ['DS', '1\\0\\0\\0\\0\\-1'],
  }
  const said: Attributes = { ...across, '0008,0008': ['CS', 'ORIGINAL\\PRIMARY\\LOCALIZER'] }
  const withImage = (ct: Attributes, options: MadePlanOptions = {}) =>
    madeDicomPlan(options).set('scout.dcm', madeDicomPlan({ ct }).get('image 0.dcm')!)
  const listing = (): MadePlanOptions => {
    const images = [...Array(7).keys()].map(uids.image).concat('1.2.3.40')
    const list = images.map((uid): Attributes => ({ '0008,1155': ['UI', uid] }))
    const series: Attributes = { '0020,000e': ['UI', uids.series], '3006,0016': ['SQ', list] }
    const study: Attributes = { '3006,0014': ['SQ', [series]] }
    const frame: Attributes = { '0020,0052': ['UI', uids.frame], '3006,0012': ['SQ', [study]] }
    return { structures: { '3006,0010': ['SQ', [frame]] } }
  }

  test.each([
    ['that the structure set does not list', () => withImage(said), ['scout.dcm']],
    ['that it lists', () => withImage(said, listing()), ['scout.dcm']],
    ['that do not say so', () => withImage(across), []],
    ['that do not say so and are listed', () => withImage(across, listing()), []],
  ])('are not slices: those %s', async (_, made, leftOut) => {
    const plan = await readOnly(made())
    expect(plan.slices).toHaveLength(7)
    expect(plan.leftOut).toEqual(leftOut)
    if (leftOut.length === 0) expect(plan.remarks?.join()).toMatch(/scout\.dcm: lies across/)
  })
})

describe('other objects of a study', () => {
  test.each([
    ['MR', '1.2.840.10008.5.1.4.1.1.4'],
    ['PET', '1.2.840.10008.5.1.4.1.1.128'],
    ['a picture of a beam', '1.2.840.10008.5.1.4.1.1.481.1'],
    ['records of treatment', '1.2.840.10008.5.1.4.1.1.481.4'],
  ])('are left out: %s', async (_, sopClass) => {
    const ct: Attributes = { '0008,0016': ['UI', sopClass], '0020,000e': ['UI', '1.2.3.8'] }
    const files = madeDicomPlan().set('other.dcm', madeDicomPlan({ ct }).get('image 0.dcm')!)
    expect((await readOnly(files)).leftOut).toEqual(['other.dcm'])
  })

  test('are left out: cone-beam CT in a frame of reference of its own', async () => {
    const files = madeDicomPlan()
    const ct: Attributes = {
      ...otherFrame,
      '0020,000e': ['UI', '1.2.3.8'],
      '0008,0018': ['UI', '1.2.3.9'],
    }
    files.set('cbct.dcm', madeDicomPlan({ ct }).get('image 0.dcm')!)
    expect((await readOnly(files)).leftOut).toEqual(['cbct.dcm'])
  })

  test('do not replace the CT of brachytherapy', async () => {
    const setups: Attributes = { '300a,0234': ['IS', '1'] }
    const files = madeDicomPlan({ plan: { '300a,00b0': null, '300a,0230': ['SQ', [setups]] } })
    const images = [...files.keys()].filter((name) => name.startsWith('image'))
    expect(await whyLeftOut(without(files, ...images))).toMatch(/CT is incomplete|CT series is not/)
  })
})

describe('two files with the same SOP Instance UID', () => {
  const copies: [string, MadePlanOptions][] = [
    ['the same bytes', {}],
    ['implicit', { transferSyntax: syntax.implicit }],
    ['open lengths', { writing: { lengths: 'open' } }],
  ]
  const names = ['plan.dcm', 'structures.dcm', 'dose.dcm', 'image 0.dcm']
  test.each(copies.flatMap(([way, options]) => names.map((name) => [name, way, options] as const)))(
    'are one object: %s, %s',
    async (name, _, options) => {
      const files = madeDicomPlan().set(`z ${name}`, madeDicomPlan(options).get(name)!)
      const { sources, leftOut } = await list(files)
      expect(sources).toHaveLength(1)
      expect(leftOut).toMatchObject([
        { file: `z ${name}`, reason: `is the same object as ${name}` },
      ])
    },
  )

  const changes: [string, MadePlanOptions][] = [
    ['dose.dcm', { dose: { '3004,000e': ['DS', '9e-7'] } }],
    ['structures.dcm', { regions: { PTV: { contours: [] } } }],
    ['plan.dcm', { plan: { '300a,0070': ['SQ', [{ '300a,0078': ['IS', '25'] }]] } }],
    ['image 0.dcm', { ct: { '0028,1052': ['DS', '-1000'] } }],
  ]
  test.each(changes)('are both left out if they differ: %s', async (name, options) => {
    const other = madeDicomPlan(options).get(name)!
    for (const second of [`z ${name}`, `a ${name}`]) {
      const [first, last] = [name, second].sort()
      expect(await whyLeftOut(madeDicomPlan().set(second, other), { file: last! })).toBe(
        `has the (0008,0018) SOP Instance UID of ${first} but other content`,
      )
    }
  })
})

describe('files with the same patient ID', () => {
  const persons: [string, Attributes, RegExp][] = [
    ['birth dates', { '0010,0030': ['DA', '19500101'] }, /\(0010,0030\) Patient Birth Date/],
    ['sexes', { '0010,0040': ['CS', 'F'] }, /\(0010,0040\) Patient Sex/],
  ]
  test.each(persons)('belong to two people if they differ in %s', async (_, dose, reason) => {
    const plan: Attributes = { '0010,0040': ['CS', 'M'] }
    const files = changed({ dose, plan }, 'dose.dcm', 'plan.dcm')
    expect(await whyLeftOut(files)).toMatch(reason)
    // One image of the other person is sufficient.
    const image: Attributes = { ...dose, '0020,000e': ['UI', '1.5'], '0008,0018': ['UI', '1.5.1'] }
    const apart = madeDicomPlan({ plan })
    apart.set('other/image.dcm', madeDicomPlan({ ct: image }).get('image 0.dcm')!)
    expect(await whyLeftOut(apart)).toMatch(reason)
  })

  test.each<[string, Attributes]>([
    ['a birth date is missing', { '0010,0030': null }],
    ['a birth date has points', { '0010,0030': ['DA', '1947.03.12'] }],
    ['a sex is unknown', { '0010,0040': ['CS', 'O'] }],
    ['a name is written otherwise', { '0010,0010': ['PN', 'HARKNESS^W'] }],
  ])('belong to one person if %s', async (_, dose) => {
    const files = changed({ dose, plan: { '0010,0040': ['CS', 'F'] } }, 'dose.dcm', 'plan.dcm')
    expect((await readOnly(files)).leftOut).toEqual([])
  })
})
