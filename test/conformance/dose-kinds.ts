import type { Vector3 } from '../../src/ingest/volume/planes.js'
import type { Attributes } from '../ingest/dicom/bytes.js'
import { asMade, both, organ, target, withoutDose, type Bodies, type Kind } from './kind.js'
import { us } from '../ingest/dicom/pixel-attributes.js'
import { beam, dose, gyAt, header, plan, uids, type DoseOptions } from './made-set.js'
import { madeSet } from './made-structures.js'

const withDose = (options: DoseOptions) => () => madeSet({ 'dose.dcm': dose(options) })
const set = (attributes: Attributes) => withDose({ set: attributes })
const part = (share: number) => (place: Vector3) => share * gyAt(place)

/** A plan of three beams that treat, of which each may say something else. */
const three = (third: Attributes = {}) =>
  plan({
    '300a,0070': [
      'SQ',
      [
        {
          '300a,0071': ['IS', '1'],
          '300a,0078': ['IS', '25'],
          '300c,0004': ['SQ', [1, 2, 3].map((n): Attributes => ({ '300c,0006': ['IS', `${n}`] }))],
        },
      ],
    ],
    '300a,00b0': ['SQ', [beam(1), beam(2), beam(3, third)]],
  })

/** The dose of a beam, a share of the whole. */
function beamDose(number: number, share: number, options: DoseOptions & { id?: string } = {}) {
  const { id = `6.${number}`, set: attributes = {}, ...others } = options
  const beams: Attributes = { '300c,0006': ['IS', String(number)] }
  const group: Attributes = { '300c,0022': ['IS', '1'], '300c,0004': ['SQ', [beams]] }
  return dose({
    uid: uids.of(id),
    gy: part(share),
    ...others,
    set: {
      '3004,000a': ['CS', 'BEAM'],
      '300c,0002': ['SQ', [{ '0008,1155': ['UI', uids.plan], '300c,0020': ['SQ', [group]] }]],
      ...attributes,
    },
  })
}

const beams = { 'dose.dcm': beamDose(1, 0.5), 'dose2.dcm': beamDose(2, 0.3) }
const third = { 'dose3.dcm': beamDose(3, 0.2) }
const effective: Attributes = { '3004,0004': ['CS', 'EFFECTIVE'] }
const exactly =
  'Doses are added only if there is exactly one of each treatment beam, all of one type.'
const onlyOne =
  'If only one plan of the study is possible, the dose is joined to it, with a remark.'
const otherPlan = {
  'plan2.dcm': plan({ '0008,0018': ['UI', uids.of('5.2')] }),
  'dose2.dcm': dose({ uid: uids.of('6.2'), plan: uids.of('5.2'), gy: part(0.5) }),
}
const half: Bodies = {
  PTV50: { ...target, gy: part(0.5) },
  Heart: { ...organ, gy: part(0.5) },
}
const matrix = (shift: number): Attributes => ({
  '3006,00c6': ['DS', `1\\0\\0\\${shift}\\0\\1\\0\\0\\0\\0\\1\\0\\0\\0\\0\\1`],
  '0070,030c': ['CS', 'RIGID'],
})
const registered = (frame: string, shift: number): Attributes => ({
  '0020,0052': ['UI', frame],
  '0070,0309': ['SQ', [{ '0070,030a': ['SQ', [matrix(shift)]] }]],
})
const elsewhere = uids.of('2.9')

/** What a dose is of, and in which unit. */
export const doseKinds: readonly Kind[] = [
  {
    name: 'dose-beams',
    what: 'doses of three beams',
    set: () => madeSet({ 'plan.dcm': three(), ...beams, ...third }),
    expected: asMade,
    why: exactly,
  },
  {
    name: 'dose-beam-missing',
    what: 'doses of two of three beams',
    set: () => madeSet({ 'plan.dcm': three(), ...beams }),
    expected: { refused: 'beam 3' },
    why: exactly,
  },
  {
    name: 'dose-beam-twice',
    what: 'two doses of one beam',
    set: () =>
      madeSet({
        'plan.dcm': three(),
        ...beams,
        ...third,
        'dose4.dcm': beamDose(3, 0.2, { id: '6.4' }),
      }),
    expected: { refused: 'beam 3' },
    why: exactly,
  },
  {
    name: 'dose-beams-of-both-types',
    what: 'physical and effective doses of the same beams',
    set: () =>
      madeSet({
        'plan.dcm': three(),
        ...beams,
        ...third,
        'effective1.dcm': beamDose(1, 0.55, { id: '6.11', set: effective }),
        'effective2.dcm': beamDose(2, 0.33, { id: '6.12', set: effective }),
        'effective3.dcm': beamDose(3, 0.22, { id: '6.13', set: effective }),
      }),
    expected: asMade,
    why: 'The physical dose is used.',
  },
  {
    name: 'dose-setup-beam',
    what: 'a setup beam without dose and two treatment beams',
    set: () =>
      madeSet({
        'plan.dcm': three({ '300a,00ce': ['CS', 'SETUP'] }),
        'dose.dcm': beamDose(1, 0.6),
        'dose2.dcm': beamDose(2, 0.4),
      }),
    expected: asMade,
    why: 'Setup beams do not contribute dose.',
  },
  {
    name: 'dose-both-types',
    what: 'an effective and a physical dose of the plan',
    set: () =>
      madeSet({
        'effective.dcm': dose({ uid: uids.of('6.9'), gy: part(1.1), set: effective }),
      }),
    expected: { plans: [both], remark: 'EFFECTIVE' },
    why: 'The physical dose is used: Gy and Gy (RBE) are not comparable.',
  },
  {
    name: 'dose-of-type-error',
    what: 'a dose of type ERROR and the dose of the plan',
    set: () =>
      madeSet({
        'error.dcm': dose({ uid: uids.of('6.7'), set: { '3004,0004': ['CS', 'ERROR'] } }),
      }),
    expected: asMade,
    why: 'It is the uncertainty of a dose.',
  },
  {
    name: 'dose-of-histograms',
    what: 'a dose without pixels and the dose of the plan',
    set: () => {
      const { attributes } = dose({ uid: uids.of('6.8') })
      return madeSet({ 'histograms.dcm': { attributes } })
    },
    expected: asMade,
    why: 'It holds only histograms.',
  },
  {
    name: 'dose-of-control-point',
    what: 'only a dose of a control point',
    set: set({ '3004,000a': ['CS', 'CONTROL_POINT'] }),
    expected: { refused: '(3004,000A) Dose Summation Type' },
    why: 'It is only a part of the plan.',
  },
  {
    name: 'dose-of-fraction-group',
    what: 'a dose of the only fraction group',
    set: set({ '3004,000a': ['CS', 'FRACTION'] }),
    expected: asMade,
    why: 'It is the whole plan.',
  },
  {
    name: 'dose-of-one-of-two-fraction-groups',
    what: 'a dose of one of two fraction groups',
    set: () =>
      madeSet({
        'plan.dcm': plan({
          '300a,0070': [
            'SQ',
            [1, 2].map((n): Attributes => ({
              '300a,0071': ['IS', `${n}`],
              '300a,0078': ['IS', '9'],
            })),
          ],
        }),
        'dose.dcm': dose({
          set: {
            '3004,000a': ['CS', 'FRACTION'],
            '300c,0002': [
              'SQ',
              [
                {
                  '0008,1155': ['UI', uids.plan],
                  '300c,0020': ['SQ', [{ '300c,0022': ['IS', '1'] }]],
                },
              ],
            ],
          },
        }),
      }),
    expected: { refused: 'fraction group 2' },
    why: exactly,
  },
  {
    name: 'dose-without-plan-reference',
    what: 'a dose that refers to no plan',
    set: withDose({ plan: null }),
    expected: { plans: [both], remark: '(300C,0002) Referenced RT Plan Sequence' },
    why: onlyOne,
  },
  {
    name: 'dose-without-plan-reference-strict',
    what: 'the same with --strict-references',
    set: withDose({ plan: null }),
    strict: true,
    expected: { refused: '(300C,0002) Referenced RT Plan Sequence' },
    why: 'With this option, only references join files.',
  },
  {
    name: 'dose-without-summation',
    what: 'a dose without summation type',
    set: set({ '3004,000a': null }),
    expected: { plans: [both], remark: '(3004,000A) Dose Summation Type' },
    why: onlyOne,
  },
  {
    name: 'dose-of-beam-session',
    what: 'a dose of a BEAM_SESSION',
    set: set({ '3004,000a': ['CS', 'BEAM_SESSION'] }),
    expected: { plans: [both], remark: '(3004,000A) Dose Summation Type' },
    why: onlyOne,
  },
  {
    name: 'dose-of-two-plans',
    what: 'one dose of two plans together',
    set: () =>
      madeSet({
        ...otherPlan,
        'dose2.dcm': null,
        'dose.dcm': dose({
          set: {
            '3004,000a': ['CS', 'MULTI_PLAN'],
            '300c,0002': [
              'SQ',
              [uids.plan, uids.of('5.2')].map((one): Attributes => ({ '0008,1155': ['UI', one] })),
            ],
          },
        }),
      }),
    expected: { refused: '(300C,0002) Referenced RT Plan Sequence' },
    why: 'The share of each plan is not known.',
  },
  {
    name: 'dose-each-of-two-plans',
    what: 'two plans on one CT, each with its dose',
    set: () => madeSet(otherPlan),
    expected: { plans: [half, both] },
    why: 'Each dose belongs to the plan that it refers to.',
  },
  {
    name: 'dose-none',
    what: 'a plan without dose',
    set: () => madeSet({ 'dose.dcm': null }),
    expected: { plans: [withoutDose(both)], remark: 'without dose' },
    why: 'All doses are null, not 0.',
  },
  {
    name: 'dose-none-and-no-plan',
    what: 'only CT and structures',
    set: () => madeSet({ 'plan.dcm': null, 'dose.dcm': null }),
    expected: { plans: [withoutDose(both)], remark: 'neither plan nor dose' },
    why: 'A patient without a plan can still be a query in spaces of CT.',
  },
  {
    name: 'plan-without-structures',
    what: 'a plan that refers to no structure set',
    set: () => madeSet({ 'plan.dcm': plan({ '300c,0060': null }) }),
    expected: { refused: '(300C,0060) Referenced Structure Set Sequence' },
    why: 'Other structure sets of the study may be from another day.',
  },
  {
    name: 'dose-relative-to-1',
    what: 'a relative dose whose highest value is 1.7',
    set: withDose({
      gy: part(1 / 50),
      scaling: 1e-8,
      set: { '3004,0002': ['CS', 'RELATIVE'] },
    }),
    expected: { plans: [both], remark: '100 % is taken to be the prescription of 50 Gy' },
    why: 'If the highest value is 0.5 to 2, values are fractions of the prescription.',
  },
  {
    name: 'dose-relative-to-100',
    what: 'a relative dose whose highest value is 174',
    set: withDose({ gy: part(2), set: { '3004,0002': ['CS', 'RELATIVE'] } }),
    expected: { plans: [both], remark: '100 % is taken to be the prescription of 50 Gy' },
    why: 'If the highest value is 50 to 200, values are percentages of the prescription.',
  },
  {
    name: 'dose-relative-to-what',
    what: 'a relative dose whose highest value is 2.5',
    set: withDose({ gy: () => 2.5, set: { '3004,0002': ['CS', 'RELATIVE'] } }),
    expected: { refused: '(3004,0002) Dose Units' },
    why: 'It is not known whether it is 250 % or 2.5 %.',
  },
  {
    name: 'dose-bits-stored',
    what: '16 bits of dose in a file that states 12',
    set: withDose({
      scaling: 2e-3,
      set: { '0028,0100': us(16), '0028,0101': us(12), '0028,0102': us(11) },
    }),
    expected: { plans: [both], remark: '(0028,0101) Bits Stored' },
    why: 'All bits of a value count, as in every other reader.',
  },
  {
    name: 'dose-in-other-frame',
    what: 'a dose in another frame of reference',
    set: set({ '0020,0052': ['UI', elsewhere] }),
    expected: { refused: '(0020,0052) Frame of Reference UID' },
    why: 'Its position relative to the CT is not known.',
  },
  {
    name: 'dose-in-other-frame-registered',
    what: 'the same with a spatial registration that moves it by 20 mm',
    set: () =>
      madeSet({
        'dose.dcm': dose({
          gy: ([x, y, z]) => gyAt([x - 20, y, z]),
          corner: [-100, -119, -40],
          set: { '0020,0052': ['UI', elsewhere] },
        }),
        'registration.dcm': {
          attributes: {
            ...header('66.1', uids.of('9'), 'REG'),
            '0070,0308': ['SQ', [registered(uids.frame, 0), registered(elsewhere, -20)]],
          },
        },
      }),
    expected: { plans: [both], remark: 'moved to the CT by registration' },
    why: 'A rigid registration gives the position of one relative to the other.',
  },
]
