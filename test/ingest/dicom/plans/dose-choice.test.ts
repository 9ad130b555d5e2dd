import { describe, expect, test } from 'vitest'
import type {
  DoseHeader,
  PlanGroup,
  PlanHeader,
} from '../../../../src/ingest/dicom/objects/plan-header.js'
import { chooseDoses } from '../../../../src/ingest/dicom/plans/dose-choice.js'
import type { OfferedDose } from '../../../../src/ingest/dicom/plans/dose-parts.js'

const group = (number: number | null, beams: number[], setups: number[] = []): PlanGroup => ({
  number,
  beams,
  setups,
})

/** A plan with three beams in one group by default. */
function plan(changes: Partial<PlanHeader> = {}): PlanHeader {
  const groups = [group(1, [1, 2, 3])]
  return { groups, beams: [1, 2, 3], otherBeams: [], setups: [], machine: null, ...changes }
}

function dose(name: string, summation: string | null, changes: Partial<DoseHeader> = {}) {
  const header = { type: 'PHYSICAL', summation, hasPixels: true, of: [], ...changes }
  return { name, header }
}

const of = (...groups: PlanGroup[]): Pick<DoseHeader, 'of'> => ({ of: [{ plan: '1.2', groups }] })
const beam = (name: string, beams: number | number[], changes: Partial<DoseHeader> = {}) =>
  dose(name, 'BEAM', { ...of(group(1, [beams].flat())), ...changes })
const three = [beam('a', 1), beam('b', 2), beam('c', 3)]
const effective = { type: 'EFFECTIVE' }

/** Names of the doses that are added, or the reason why none are. */
function chosen(offered: OfferedDose[], of_: PlanHeader = plan(), strict = false): string {
  const found = chooseDoses(of_, offered, strict)
  return 'reason' in found ? found.reason : found.doses.map(({ name }) => name).join(' + ')
}

describe('chooseDoses', () => {
  const two = plan({ groups: [group(1, [1]), group(2, [1])], beams: [1] })
  const taken: [string, OfferedDose[], PlanHeader, string][] = [
    ['the dose of the plan', [dose('a', 'PLAN')], plan(), 'a'],
    ['the dose of the plan beside those of its beams', [...three, dose('d', 'PLAN')], plan(), 'd'],
    ['one dose of each beam', three, plan(), 'a + b + c'],
    ['a dose of several beams', [beam('a', [1, 2]), beam('b', 3)], plan(), 'a + b'],
    [
      'the beams that treat',
      [beam('a', 1), beam('b', 2)],
      plan({ beams: [1, 2], otherBeams: [3] }),
      'a + b',
    ],
    [
      'the beams that treat, and not the one for setup',
      three,
      plan({ beams: [1, 2], otherBeams: [3] }),
      'a + b',
    ],
    [
      'the beams of a plan that lists none for its group',
      three,
      plan({ groups: [group(1, [])] }),
      'a + b + c',
    ],
    ['the only beam, whoever it is of', [dose('a', 'BEAM')], plan({ ...two, groups: [] }), 'a'],
    [
      'one dose of each fraction group',
      [dose('a', 'FRACTION', of(group(1, []))), dose('b', 'FRACTION', of(group(2, [])))],
      two,
      'a + b',
    ],
    ['the only fraction group', [dose('a', 'FRACTION')], plan(), 'a'],
    ['beams of several groups', [beam('a', 1), dose('b', 'BEAM', of(group(2, [1])))], two, 'a + b'],
    [
      'one dose of each setup',
      [1, 2].map((n) => dose(`s${n}`, 'BRACHY', of(group(1, [], [n])))),
      plan({ groups: [group(1, [], [1, 2])], beams: [], setups: [1, 2] }),
      's1 + s2',
    ],
    ['the physical dose of two', [dose('e', 'PLAN', effective), dose('a', 'PLAN')], plan(), 'a'],
    [
      'the physical doses of beams, not those that are effective',
      [...three, ...[1, 2, 3].map((n) => beam(`e${n}`, n, effective))],
      plan(),
      'a + b + c',
    ],
    ['an effective dose where there is no other', [dose('e', 'PLAN', effective)], plan(), 'e'],
    [
      'the dose beside one of errors',
      [dose('x', 'PLAN', { type: 'ERROR' }), dose('a', 'PLAN')],
      plan(),
      'a',
    ],
    [
      'the dose beside one of histograms alone',
      [dose('x', 'PLAN', { hasPixels: false }), dose('a', 'PLAN')],
      plan(),
      'a',
    ],
    ['the only dose that does not say what it counts', [dose('a', null)], plan(), 'a'],
    ['the only dose of a session', [dose('a', 'BEAM_SESSION')], plan(), 'a'],
    ['a dose without type', [dose('a', 'PLAN', { type: null })], plan(), 'a'],
  ]
  test.each(taken)('uses %s', (_, offered, of_, names) => {
    expect(chosen(offered, of_)).toBe(names)
    expect(
      chosen([...offered].reverse(), of_)
        .split(' + ')
        .sort(),
    ).toEqual(names.split(' + '))
  })

  const refused: [string, OfferedDose[], PlanHeader, RegExp][] = [
    ['a beam is missing', three.slice(0, 2), plan(), /files lack the dose of beam 3/],
    [
      'a beam is there twice',
      [...three, beam('d', 3)],
      plan(),
      /2 doses of beam 3: \(300C,0006\) Referenced Beam Number of c, d/,
    ],
    ['a beam is in two doses', [beam('a', [1, 2]), beam('b', [2, 3])], plan(), /2 doses of beam 2/],
    [
      'a dose does not say of which beam it is',
      [...three.slice(1), dose('a', 'BEAM')],
      plan(),
      /dose a does not say to which beam it belongs/,
    ],
    [
      'a dose is of a beam for setup, too',
      [beam('a', 1), beam('b', [2, 3])],
      plan({ beams: [1, 2], otherBeams: [3] }),
      /dose b is also of a beam that the plan does not use/,
    ],
    [
      'a fraction group is missing',
      [dose('a', 'FRACTION', of(group(1, [])))],
      two,
      /files lack the dose of fraction group 2: \(300C,0022\)/,
    ],
    [
      'the beam of one group is missing',
      [beam('a', 1)],
      two,
      /files lack the dose of beam 1 of group 2/,
    ],
    [
      'there are two of the plan',
      [dose('a', 'PLAN'), dose('b', 'PLAN')],
      plan(),
      /2 doses of the whole plan \(\(3004,000A\) Dose Summation Type PLAN\): a, b/,
    ],
    ['there are two that do not say', [dose('a', null), dose('b', null)], plan(), /says otherwise/],
    ['it is of a control point', [dose('a', 'CONTROL_POINT')], plan(), /says otherwise/],
    ['it is of errors', [dose('x', 'PLAN', { type: 'ERROR' })], plan(), /\(3004,0004\) Dose Type/],
    [
      'it has no grid',
      [dose('x', 'PLAN', { hasPixels: false })],
      plan(),
      /\(7FE0,0010\) Pixel Data/,
    ],
    [
      'half of it is physical and half effective',
      [beam('a', 1), beam('b', 2), beam('e', 3, effective)],
      plan(),
      /files lack the dose of beam 3/,
    ],
  ]
  test.each(refused)('refuses if %s', (_, offered, of_, reason) => {
    expect(chosen(offered, of_)).toMatch(reason)
    expect(chosen([...offered].reverse(), of_)).toMatch(/^is a plan /)
  })

  test('requires an explicit dose of the plan with strict references', () => {
    for (const summation of [null, 'BEAM_SESSION'])
      expect(chosen([dose('a', summation)], plan(), true)).toMatch(/says otherwise/)
  })

  test('reports what it assumed and what it left out', () => {
    const found = chooseDoses(
      plan(),
      [dose('a', null), dose('e', null, effective), dose('x', 'PLAN', { type: 'ERROR' })],
      false,
    )
    expect(found).toMatchObject({
      remarks: [
        'dose a: (3004,000A) Dose Summation Type is missing; it is the only dose and is taken to be that of the plan',
        'dose x (3004,0004) Dose Type is neither PHYSICAL nor EFFECTIVE',
        'dose e is of type EFFECTIVE; that of type PHYSICAL is used',
      ],
    })
    const names = 'leftOut' in found ? found.leftOut.map((one) => one.dose.name) : []
    expect(names.sort()).toEqual(['e', 'x'])
  })

  test('leaves out the dose of a beam that the plan does not use, and reports it', () => {
    expect(chooseDoses(plan(), [...three, beam('z', 9)], false)).toMatchObject({
      doses: three,
      remarks: ['dose z is not of a beam that the plan uses, and is not added'],
    })
  })
})
