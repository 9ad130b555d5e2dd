import { syntax } from '../ingest/dicom/bytes.js'
import { asMade, type Kind } from './kind.js'
import { dose, image, plan } from './made-set.js'
import { madeSet, structures } from './made-structures.js'

const written = (
  name: string,
  what: string,
  writing: NonNullable<Kind['writing']>,
  why: string,
): Kind => ({ name: `file-${name}`, what, set: () => madeSet(), writing, expected: asMade, why })

const anySyntax = 'The content is the same in every transfer syntax.'
const tolerated = 'Other tools write such files, and their meaning is unambiguous.'
const decimalComma = 'A comma can be a decimal point or an error: the meaning is not known.'

/** How files are written, and whose they are. */
export const fileKinds: readonly Kind[] = [
  written('implicit', 'Implicit VR Little Endian', { transferSyntax: syntax.implicit }, anySyntax),
  written('big-endian', 'Explicit VR Big Endian', { transferSyntax: syntax.bigEndian }, anySyntax),
  written('deflated', 'Deflated Explicit VR', { transferSyntax: syntax.deflated }, anySyntax),
  written(
    'open-lengths',
    'sequences of undefined length',
    { writing: { lengths: 'open' } },
    anySyntax,
  ),
  written('unknown', 'sequences as UN', { writing: { unknownSequences: true } }, anySyntax),
  written(
    'implicit-open-lengths',
    'Implicit VR, sequences of undefined length',
    { transferSyntax: syntax.implicit, writing: { lengths: 'open' } },
    anySyntax,
  ),
  written(
    'stray-delimiters',
    'delimiters that close nothing',
    { writing: { strayDelimiters: true } },
    tolerated,
  ),
  written(
    'without-preamble',
    'no preamble before DICM',
    { writing: { start: 'without preamble' } },
    tolerated,
  ),
  written(
    'bare',
    'no meta header',
    { transferSyntax: syntax.implicit, writing: { start: 'bare' } },
    tolerated,
  ),
  {
    name: 'file-decimal-comma',
    what: 'a pixel spacing with a decimal comma',
    set: () => madeSet({ 'CT3.dcm': image(3, { set: { '0028,0030': ['DS', '5,0\\5,0'] } }) }),
    expected: { refused: '(0028,0030) Pixel Spacing' },
    why: decimalComma,
  },
  {
    name: 'file-decimal-comma-contour',
    what: 'contour data with decimal commas',
    set: () => {
      const commas = ['0,5', '1', '2', '9', '1', '2', '9', '9,5', '2'].join('\\')
      const line = { '3006,0042': ['CS', 'CLOSED_PLANAR'], '3006,0050': ['DS', commas] } as const
      const regions = [{ name: 'PTV50', type: 'PTV', contours: [line] }]
      return madeSet({ 'structures.dcm': structures({ regions }) })
    },
    expected: { refused: '(3006,0050) Contour Data' },
    why: decimalComma,
  },
  {
    name: 'file-blank-scaling',
    what: 'a blank dose grid scaling',
    set: () => madeSet({ 'dose.dcm': dose({ set: { '3004,000e': ['DS', '  '] } }) }),
    expected: { refused: '(3004,000E) Dose Grid Scaling' },
    why: 'The unit of the values is not known.',
  },
  {
    name: 'file-one-uid-two-contents',
    what: 'two doses of one UID with different content',
    set: () => madeSet({ 'other.dcm': dose({ gy: () => 20 }) }),
    expected: { refused: '(0008,0018) SOP Instance UID' },
    why: 'It is not known which of them is the object.',
  },
  {
    name: 'file-twice',
    what: 'the same file twice',
    set: () => madeSet({ 'again.dcm': dose() }),
    expected: asMade,
    why: 'A copy counts once.',
  },
  {
    name: 'file-two-persons',
    what: 'two dates of birth under one Patient ID',
    set: () =>
      madeSet({
        'structures.dcm': structures({ set: { '0010,0030': ['DA', '19510102'] } }),
        'plan.dcm': plan({ '0010,0030': ['DA', '19660304'] }),
      }),
    expected: { refused: '(0010,0030)' },
    why: 'Two people must not become one.',
  },
  {
    name: 'file-other-patient',
    what: 'a dose of another patient',
    set: () => madeSet({ 'dose.dcm': dose({ set: { '0010,0020': ['LO', 'CONF-2'] } }) }),
    expected: { refused: '(0010,0020) Patient ID' },
    why: 'All parts of a plan must belong to one patient.',
  },
  {
    name: 'file-other-modality',
    what: 'a series of MR beside the CT',
    set: () =>
      madeSet({
        'mr.dcm': image(0, {
          series: '9',
          set: { '0008,0016': ['UI', '1.2.840.10008.5.1.4.1.1.4'], '0008,0060': ['CS', 'MR'] },
        }),
      }),
    expected: asMade,
    why: 'Its SOP Class UID is not one that is read: the file is left out and reported.',
  },
]
