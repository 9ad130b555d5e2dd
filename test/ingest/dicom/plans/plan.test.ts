import { describe, expect, test } from 'vitest'
import { unpackMask } from '../../../../src/core/pixel-mask.js'
import type { Plan } from '../../../../src/core/plan.js'
import { listDicom } from '../../../../src/ingest/dicom/plans/list.js'
import { readDicomPlan } from '../../../../src/ingest/dicom/plans/plan.js'
import type { Vector3 } from '../../../../src/ingest/volume/planes.js'
import { pseudonymsOf } from '../../../../src/ingest/dicom/plans/pseudonym.js'
import { syntax, type Attributes } from '../bytes.js'
import { temporaryFolder } from '../../fixtures.js'
import {
  fromAxis,
  gyAt,
  huAt,
  madeDicomPlan,
  rectangle,
  rtDose,
  secrets,
  uids,
  writeFiles,
  type MadePlanOptions,
} from '../made-plan.js'

const pseudonymise = pseudonymsOf('a key of sixteen or more')

async function listed(files: Iterable<readonly [string, Uint8Array]>) {
  const folder = await temporaryFolder()
  await writeFiles(folder, files)
  return listDicom([folder], { pseudonymise })
}

async function readFiles(files: Iterable<readonly [string, Uint8Array]>): Promise<Plan> {
  const { sources, leftOut } = await listed(files)
  expect(leftOut).toEqual([])
  expect(sources).toHaveLength(1)
  // A worker receives a copy.
  return readDicomPlan(structuredClone(sources[0]!))
}

const read = (options: MadePlanOptions = {}) => readFiles(madeDicomPlan(options))

/** The highest dose in the generated grid, in its last corner. */
const highestGy = gyAt([171.5, 206.5, 15])

const prescribed = (gy: number): Attributes => ({
  '300a,0020': ['CS', 'TARGET'],
  '300a,0026': ['DS', String(gy)],
})

interface TruthOptions {
  /** Height of the first slice, and position of the first row. (Default: those of the generated CT) */
  top?: number
  front?: number
  /** (Default: 0) */
  huWithin?: number
  /** (Default: 0.001) */
  gyWithin?: number
  /** Compares only slices up to this distance from the middle. (Default: all) */
  lengthMm?: number
}

/**
 * Compares each pixel with the true value. With a tolerance for HU, leaves out the skin, where interpolation blurs the
 * step.
 */
function expectTruth(plan: Plan, options: TruthOptions = {}) {
  const { top = 9, front = -124, huWithin = 0, gyWithin = 1e-3, lengthMm = Infinity } = options
  const [rowMm, columnMm] = plan.voxelMm
  const wrong = { hu: 0, gy: 0 }
  for (const { ct, dose, columns, positionMm } of plan.slices) {
    if (Math.abs(top - positionMm) > lengthMm) continue
    dose!.forEach((gy, pixel) => {
      const [row, column] = [Math.floor(pixel / columns), pixel % columns]
      const x = (column - (columns - 1) / 2) * columnMm
      const place: Vector3 = [x, front + row * rowMm, top - positionMm]
      wrong.gy = Math.max(wrong.gy, Math.abs(gy - gyAt(place)))
      if (huWithin === 0 || fromAxis(place) < 66)
        wrong.hu = Math.max(wrong.hu, Math.abs(ct[pixel]! - huAt(place)))
    })
  }
  expect(wrong.gy).toBeLessThan(gyWithin)
  expect(wrong.hu).toBeLessThanOrEqual(huWithin)
}

describe('readDicomPlan', () => {
  test('returns Hounsfield units and dose at each point, from the head to the feet', async () => {
    const plan = await read()
    expect(plan.slices.map(({ index, positionMm }) => [index, positionMm])).toEqual(
      [0, 1, 2, 3, 4, 5, 6].map((k) => [k, 3 * k]),
    )
    expect(plan.voxelMm).toEqual([8, 8, 3])
    expectTruth(plan)
  })

  test('reads prescription, fractions and technique', async () => {
    const { prescriptionGy, treatment, split, site } = await read()
    expect({ prescriptionGy, treatment, split, site }).toEqual({
      prescriptionGy: 60,
      treatment: {
        fractions: 30,
        radiation: 'photon',
        technique: 'arc',
        machine: pseudonymise('machine', secrets.machine),
      },
      split: null,
      site: null,
    })
  })

  test('measures structures with holes, and leaves devices out', async () => {
    const { structures } = await read()
    expect(structures.map(({ name, role }) => [name, role])).toEqual([
      ['PTV60', 'target'],
      ['SpinalCord', 'organ'],
      ['Structure_3', 'organ'],
    ])
    const [target, cord, other] = structures
    // 80 x 80 mm without 16 x 16 mm in four slices; 16 x 16 mm in seven and in one.
    expect(target!.volumeCc).toBeCloseTo((6400 - 256) * 4 * 0.003, 6)
    expect(cord!.volumeCc).toBeCloseTo(256 * 7 * 0.003, 6)
    expect(other!.volumeCc).toBeCloseTo(256 * 0.003, 6)
    expect(target!.meanGy).toBeCloseTo(gyAt([0, 0, -1.5]), 4)
    expect(cord!.meanGy).toBeCloseTo(gyAt([0, 48, 0]), 4)
    expect(cord!.maxGy).toBeCloseTo(gyAt([4, 52, 9]), 4)
    expect([...cord!.dvh!.volume.subarray(0, 610)]).toEqual(Array<number>(610).fill(1))
    expect(cord!.dvh!.volume.at(-1)).toBe(0)
  })

  test('returns the pixels of structures on the slices on which they were drawn', async () => {
    const { structures, slices } = await read()
    const [target, cord] = structures
    const pixelsOf = ({ masks }: (typeof structures)[number]) =>
      slices.map(({ rows, columns }, place) => {
        const mask = masks![place]
        return mask ? unpackMask(mask, rows * columns).reduce((sum, one) => sum + one, 0) : 0
      })
    // Of 8 x 8 mm each.
    expect(pixelsOf(cord!)).toEqual([4, 4, 4, 4, 4, 4, 4])
    expect(pixelsOf(target!).map((count) => count * 0.64)).toEqual(
      [...target!.areasCm2].map((area) => expect.closeTo(area, 4) as number),
    )
  })

  test('contains nothing that identifies the patient', async () => {
    const plan = await read({ ct: { '0018,0015': ['CS', 'NIECE OF MAYOR'] } })
    const text = JSON.stringify(plan).toLowerCase()
    const words = Object.values(secrets).flatMap((secret) => secret.split(/[\^ -]/))
    for (const word of words.filter((part) => part.length > 3))
      expect(text).not.toContain(word.toLowerCase())
    expect(text).not.toContain('5550123')
    expect(plan.patient).toMatch(/^[0-9a-f]{20}$/)
    expect(plan.sourceKey).toMatch(/^[0-9a-f]{20}\/[0-9a-f]{20}$/)
  })

  test('does not depend on names and order of the files', async () => {
    const files = [...madeDicomPlan()]
    const renamed = files.map(([, bytes], i) => [`a/${files.length - i}/x`, bytes] as const)
    expect(await readFiles(renamed)).toEqual(await readFiles(files))
  })

  test.each(['implicit', 'bigEndian', 'deflated'] as const)('reads %s values', async (name) => {
    const { checksum: _, ...plan } = await read({ transferSyntax: syntax[name] })
    const { checksum: __, ...explicit } = await read()
    expect(plan).toEqual(explicit)
  })

  test('changes the checksum with any byte of any file', async () => {
    const plans = [await read(), await read({ plan: { '300a,0003': ['LO', 'another'] } })]
    expect(plans[0]!.checksum).not.toBe(plans[1]!.checksum)
  })
})

describe('readDicomPlan of CT', () => {
  test.each<[string, [Vector3, Vector3]]>([
    [
      'mirrored',
      [
        [-1, 0, 0],
        [0, 1, 0],
      ],
    ],
    [
      'upside down',
      [
        [1, 0, 0],
        [0, -1, 0],
      ],
    ],
    [
      'prone',
      [
        [-1, 0, 0],
        [0, -1, 0],
      ],
    ],
  ])('reorients images that lie %s', async (_, orientation) => {
    expectTruth(await read({ orientation }))
  })

  test('reslices sagittal and coronal images axially', async () => {
    const depths = Array.from({ length: 29 }, (_, k) => 8 * (k - 14))
    const ways: [Vector3, Vector3, front: number][] = [
      [[0, 1, 0], [0, 0, -1], -124],
      [[1, 0, 0], [0, 0, -1], -112],
    ]
    for (const [across, down, front] of ways) {
      const plan = await read({ orientation: [across, down], depths, doseHeights: [-150, 0, 150] })
      expect(plan.slices.length).toBeGreaterThan(20)
      expectTruth(plan, { top: 124, front, huWithin: 1 })
    }
  })

  test('reslices oblique images and those of a tilted gantry axially', async () => {
    const angle = (20 * Math.PI) / 180
    const tilted: [Vector3, Vector3] = [
      [1, 0, 0],
      [0, Math.cos(angle), Math.sin(angle)],
    ]
    const depths = Array.from({ length: 41 }, (_, k) => 6 * (k - 20))
    const plan = await read({
      orientation: tilted,
      depths,
      doseHeights: [-200, 0, 200],
      regions: oblique,
    })
    expect(plan.voxelMm.map((mm) => +mm.toFixed(4))).toEqual([8, 8, 6])
    const [sine, cosine] = [Math.sin(angle), Math.cos(angle)]
    const [top, front] = [124 * sine + 120 * cosine, -124 * cosine - 120 * sine]
    expectTruth(plan, { top, front, huWithin: 1, lengthMm: 60 })
    // 80 x 80 mm in five planes that are 6 mm apart, at any angle.
    expect(plan.structures[0]!.volumeCc! / (6400 * 5 * 0.006)).toBeCloseTo(1, 1)
    expect(plan.structures[0]!.meanGy).toBeCloseTo(gyAt([0, 0, 0]), 0)
    // Oblique contours have no masks, as they cut through axial slices.
    expect(plan.structures[0]!.masks).toBeUndefined()
  })

  test.each([2.5, 10])(
    'measures axial contours on images of a gantry tilted by %f degrees',
    async (degrees) => {
      const angle = (degrees * Math.PI) / 180
      const { structures } = await read({
        orientation: [
          [1, 0, 0],
          [0, Math.cos(angle), Math.sin(angle)],
        ],
        depths: Array.from({ length: 21 }, (_, k) => 5 * (k - 10)),
        doseHeights: [-120, 0, 120],
        regions: {
          Heart: { contours: [-10, -5, 0, 5, 10].map((z) => rectangle([20, 60], [-60, -20], z)) },
        },
      })
      expect(structures[0]!.volumeCc).toBeCloseTo(40, 1)
      expect(structures[0]!.meanGy).toBeCloseTo(gyAt([40, -40, 0]), 2)
    },
  )

  /** A square around the axis in planes that are tilted by 20 degrees. */
  const oblique = {
    PTV: {
      type: 'PTV',
      contours: [-12, -6, 0, 6, 12].map((depth) => {
        const angle = (20 * Math.PI) / 180
        return [
          [-40, -40],
          [40, -40],
          [40, 40],
          [-40, 40],
        ].map(([across = 0, down = 0]): Vector3 => [
          across,
          down * Math.cos(angle) - depth * Math.sin(angle),
          down * Math.sin(angle) + depth * Math.cos(angle),
        ])
      }),
    },
  }

  test('weights each slice by half of the distance to its neighbours', async () => {
    const plan = await read({ depths: [-9, -6, -3, 0, 5, 10, 15], doseHeights: [-20, 0, 20] })
    expectTruth(plan, { top: 15 })
    expect(plan.slices.map(({ positionMm }) => positionMm)).toEqual([0, 5, 10, 15, 18, 21, 24])
    const { structures } = await read({ depths: [-9, -6, -3, 0, 5, 10, 15], regions: onSlices })
    // Half of the distance to the neighbours: from -10.5 to 12.5 mm.
    expect(structures[0]!.volumeCc).toBeCloseTo(256 * 23 * 0.001, 6)
  })

  const onSlices = {
    Cord: { contours: [-9, -6, -3, 0, 5, 10].map((z) => rectangle([-8, 8], [40, 56], z)) },
  }

  test('measures contours between slices at their own positions', async () => {
    const plan = await read({ depths: [-9, -6, -3, 0, 5, 10, 15], doseHeights: [-20, 0, 20] })
    // The cord is drawn at -9, -6, -3, 0, 3, 6 and 9 mm on any slices: 21 mm of it.
    const cord = plan.structures.find(({ name }) => name === 'SpinalCord')
    expect(cord!.volumeCc).toBeCloseTo(256 * 21 * 0.001, 6)
    expect(cord!.meanGy).toBeCloseTo(gyAt([0, 48, 0]), 4)
  })

  test('uses a repeated image once, and refuses two different ones at one position', async () => {
    const files = madeDicomPlan()
    const twice = new Map(files).set(
      'copy.dcm',
      madeDicomPlan({ ct: { '0008,0018': ['UI', '1.9'] } }).get('image 0.dcm')!,
    )
    const { sources } = await listed(twice)
    const { checksum: _, ...plan } = await readDicomPlan(sources[0]!)
    const { checksum: __, ...once } = await readFiles(files)
    expect(plan).toEqual(once)
    const changed: MadePlanOptions = {
      ct: { '0008,0018': ['UI', '1.9'], '0028,1053': ['DS', '2'] },
    }
    twice.set('copy.dcm', madeDicomPlan(changed).get('image 0.dcm')!)
    await expect(readDicomPlan((await listed(twice)).sources[0]!)).rejects.toThrow(
      /is also that of .*, which shows something else/,
    )
  })

  test('reads the frames of enhanced CT', async () => {
    const files = madeDicomPlan()
    const { enhancedCt } = await import('../enhanced-ct.js')
    const images = [...files.keys()].filter((name) => name.startsWith('image'))
    for (const name of images) files.delete(name)
    files.set('enhanced.dcm', enhancedCt([-9, -6, -3, 0, 3, 6, 9]))
    files.set('structures.dcm', madeDicomPlan({ structures: oneImage }).get('structures.dcm')!)
    expectTruth(await readFiles(files))
  })

  const oneImage: Attributes = {
    '3006,0010': [
      'SQ',
      [{ '3006,0012': ['SQ', [{ '3006,0014': ['SQ', [{ '0020,000e': ['UI', uids.series] }]] }]] }],
    ],
  }
})

describe('readDicomPlan of dose', () => {
  const ways: [string, MadePlanOptions][] = [
    ['16 bits', { doseBits: 16 }],
    ['planes from the head to the feet', { doseHeights: [15, 10, 5, 0, -5, -10, -15] }],
    ['heights for offsets', { offsets: 'heights' }],
    ['heights from the head to the feet', { offsets: 'heights', doseHeights: [15, 5, -5, -15] }],
    ['uneven planes', { doseHeights: [-20, -8, -7, 0, 3, 15] }],
    [
      'a part of the prescription',
      { dose: { '3004,0002': ['CS', 'RELATIVE'], '3004,000e': ['DS', `${1e-6 / 60}`] } },
    ],
    [
      'percent of the prescription',
      { dose: { '3004,0002': ['CS', 'RELATIVE'], '3004,000e': ['DS', `${1e-4 / 60}`] } },
    ],
    ['an effective dose', { dose: { '3004,0004': ['CS', 'EFFECTIVE'] } }],
  ]
  test.each(ways)('reads %s', async (_, options) => {
    expectTruth(await read(options), { gyWithin: options.doseBits === 16 ? 2e-3 : 1e-3 })
  })

  test('adds the doses of the beams unless there is a dose of the plan', async () => {
    const beam = (n: number): Uint8Array =>
      rtDose({
        dose: {
          '0008,0018': ['UI', `1.9.${n}`],
          '3004,000a': ['CS', 'BEAM'],
          '3004,000e': ['DS', '5e-7'],
          '300c,0002': ['SQ', [dosedBeam(n)]],
        },
      })
    const dosedBeam = (n: number): Attributes => ({
      '0008,1155': ['UI', uids.plan],
      '300c,0020': ['SQ', [{ '300c,0004': ['SQ', [{ '300c,0006': ['IS', String(n)] }]] }]],
    })
    const beams = [1, 2].map((n): Attributes => ({ '300a,00c0': ['IS', String(n)] }))
    const files = madeDicomPlan({ plan: { '300a,00b0': ['SQ', beams] } })
    files.set('beam 1.dcm', beam(1)).set('beam 2.dcm', beam(2))
    const whole = await listed(files)
    expect(whole.leftOut).toEqual([
      {
        file: 'beam 1.dcm',
        reason: 'is a dose of a part of a plan; that of the whole plan is used',
        hint: 'Nothing to do.',
      },
      {
        file: 'beam 2.dcm',
        reason: 'is a dose of a part of a plan; that of the whole plan is used',
        hint: 'Nothing to do.',
      },
    ])
    files.delete('dose.dcm')
    expectTruth(await readFiles(files))
  })

  test('uses all bits of a dose value even if Bits Stored is lower, and reports it', async () => {
    const bits: Attributes = { '0028,0101': ['US', [12]], '0028,0102': ['US', [11]] }
    const plan = await read({ doseBits: 16, dose: bits })
    expectTruth(plan, { gyWithin: 2e-3 })
    expect(plan.remarks?.join()).toMatch(
      /\(0028,0101\) Bits Stored is 12, but the values need more/,
    )
    const quiet = await read({ doseBits: 16, dose: { '0028,0101': ['US', [16]] } })
    expect(quiet.remarks).toEqual([])
  })

  test('returns no dose for an organ outside the dose grid, and refuses such a target', async () => {
    const cube = (x: number) => [-3, 0, 3].map((z) => rectangle([x - 8, x + 8], [-8, 8], z))
    // The grid reaches 175 mm to the left and ends at 35 mm on the right.
    const moved: Attributes = { '0020,0032': ['DS', '-308\\-206.5\\-15'] }
    const heart = { type: 'ORGAN', contours: cube(40) }
    const plan = await read({
      dose: moved,
      regions: { 'PTV 60 Gy': { type: 'PTV', contours: cube(0) }, Heart: heart },
    })
    const [organ, target] = plan.structures
    expect(organ).toMatchObject({ name: 'Heart', meanGy: null, maxGy: null, dvh: null })
    expect(organ!.dosedShare).toBeGreaterThan(0)
    expect(organ!.dosedShare).toBeLessThan(0.7)
    expect(organ!.volumeCc).toBeCloseTo(256 * 0.009, 6)
    expect(target!.dosedShare).toBe(1)
    expect(plan.remarks?.join()).toMatch(/the dose covers \d+\.\d % of Heart, less than 99\.0 %/)
    await expect(
      read({ dose: moved, regions: { 'PTV 60 Gy': { ...heart, type: 'PTV' } } }),
    ).rejects.toThrow(/dose\.dcm: \(3004,000C\) .* of target PTV60; at least 99 %/)
  })

  test('extends a single plane over its thickness', async () => {
    const plan = await read({
      doseHeights: [0],
      dose: { '3004,000c': null, '0018,0050': ['DS', '7'] },
      // A target outside of it would be refused.
      regions: { Cord: { contours: [rectangle([-8, 8], [40, 56], 0)] } },
    })
    const dosed = plan.slices.map(({ dose }) => dose!.some((gy) => gy > 0))
    expect(dosed).toEqual([false, false, true, true, true, false, false])
  })
})

describe('readDicomPlan refuses', () => {
  const ways: [string, MadePlanOptions, RegExp][] = [
    ['a CT without a place', { ct: { '0020,0032': null } }, /image \d\.dcm lacks \(0020,0032\)/],
    [
      'a relative dose of 2.5 at most',
      { dose: { '3004,0002': ['CS', 'RELATIVE'], '3004,000e': ['DS', '3e-8'] } },
      /\(3004,0002\) .* is neither a fraction of the prescription nor a percentage of it/,
    ],
    [
      'a relative dose whose maximum is 100 %',
      { dose: { '3004,0002': ['CS', 'RELATIVE'], '3004,000e': ['DS', `${1e-4 / highestGy}`] } },
      /\(3004,0002\) .* is normalized to its maximum/,
    ],
    [
      'a relative dose of several prescriptions',
      {
        dose: { '3004,0002': ['CS', 'RELATIVE'], '3004,000e': ['DS', `${1e-6 / 60}`] },
        plan: { '300a,0010': ['SQ', [prescribed(60), prescribed(54)]] },
      },
      /\(3004,0002\) .* the plan has no single prescription/,
    ],
    [
      'a dose whose highest values are below zero',
      { doseBits: 16, dose: { '0028,0103': ['US', [1]], '3004,000e': ['DS', '2e-3'] } },
      /\(0028,0103\) Pixel Representation gives doses far below zero/,
    ],
    [
      'a dose without scale',
      { dose: { '3004,000e': null } },
      /\(3004,000E\) Dose Grid Scaling is missing/,
    ],
    [
      'planes that go back',
      { dose: { '3004,000c': ['DS', '0\\5\\4\\6\\7\\8\\9'] } },
      /\(3004,000C\) .* does not grow or fall/,
    ],
    ['too few offsets', { dose: { '3004,000c': ['DS', '0\\5'] } }, /has 2 values for 7 frames/],
    [
      'more frames than pixels',
      { dose: { '0028,0008': ['IS', '8'] } },
      /\(3004,000C\) .* has 7 values for 8 frames/,
    ],
    [
      'a dose beside the CT',
      { dose: { '0020,0032': ['DS', '5000\\0\\0'] } },
      /has no dose where the CT lies/,
    ],
    [
      'no prescription',
      { plan: { '300a,0010': null }, regions: { Cord: { contours: [] } } },
      /\(300A,0026\) .* is missing/,
    ],
    [
      'a prescription in cGy',
      {
        plan: { '300a,0010': ['SQ', [prescribed(6000)]] },
      },
      /is 6000 Gy/,
    ],
    [
      'contours across the slices',
      {
        regions: {
          Cord: {
            contours: [
              [
                [0, 0, -9],
                [0, 9, 9],
                [9, 0, 0],
              ],
            ],
          },
        },
      },
      /of region 1 does not lie in the planes of the CT/,
    ],
    [
      'coordinates that are text',
      {
        structures: {
          '3006,0039': [
            'SQ',
            [
              {
                '3006,0084': ['IS', '1'],
                '3006,0040': [
                  'SQ',
                  [{ '3006,0042': ['CS', 'CLOSED_PLANAR'], '3006,0050': ['DS', 'Harkness'] }],
                ],
              },
            ],
          ],
        },
      },
      /structures\.dcm: \(3006,0050\) Contour Data is not a number/,
    ],
    ['a gap in the series', { depths: [-40, -37, -34, 0, 3, 6, 9] }, /gap of 34\.0 mm/],
  ]
  test.each(ways)('%s', async (_, options, message) => {
    const error = await read(options).then(
      () => new Error('it was read'),
      (reason: unknown) => reason as Error,
    )
    expect(error).toMatchObject({ code: 'bad_input' })
    expect(error.message).toMatch(message)
    expect(error.message).not.toMatch(/Harkness|5550123/)
  })

  test('images of different sizes', async () => {
    const files = madeDicomPlan()
    files.set(
      'image 0.dcm',
      madeDicomPlan({ ct: { '0028,0030': ['DS', '8\\7'] } }).get('image 0.dcm')!,
    )
    await expect(readFiles(files)).rejects.toThrow(/has another size, spacing or orientation/)
  })
})

describe('readDicomPlan of structures', () => {
  test('measures contours that are finer than the slices by their own spacing', async () => {
    const contours = Array.from({ length: 19 }, (_, i) => rectangle([-8, 8], [40, 56], i - 9))
    const { structures } = await read({ regions: { Cord: { contours } } })
    expect(structures[0]!.volumeCc).toBeCloseTo(256 * 19 * 0.001, 6)
  })

  test('fills slices between contours on every second slice', async () => {
    const contours = [-9, -3, 3, 9].map((z) => rectangle([-8, 8], [40, 56], z))
    const { structures } = await read({ regions: { Cord: { contours } } })
    expect(structures[0]!.volumeCc).toBeCloseTo(256 * 7 * 0.003, 6)
  })
})
