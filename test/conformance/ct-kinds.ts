import { asMade, both, type Kind } from './kind.js'
import { us } from '../ingest/dicom/pixel-attributes.js'
import {
  heights,
  image,
  images,
  organBox,
  side,
  targetBox,
  uids,
  type ImageOptions,
} from './made-set.js'
import { drawnBox, madeSet, organ, structures, target } from './made-structures.js'

const withImages = (options: (k: number) => ImageOptions) => () => madeSet(images(options))
const missing = { 'CT5.dcm': null }
const gap =
  'Each image extends half way to its neighbours; gaps of more than 20 mm and four times the usual distance are refused.'
const scout = (type: string) =>
  image(0, {
    columns: [0, 0, -1],
    set: { '0008,0008': ['CS', type], '0008,0018': ['UI', uids.image(77)] },
  })
const scoutImages = [...heights.map((_, k) => uids.image(k)), uids.image(77)]
const beyondCircle = (pixel: number) => {
  const [row, column] = [Math.floor(pixel / side) - 17.5, (pixel % side) - 17.5]
  return Math.hypot(row, column) > 17.2
}
const padded = (stored: number, options: Pick<ImageOptions, 'set'>) =>
  withImages(() => ({
    stored: (hu, pixel) => (beyondCircle(pixel) ? stored : hu + 1024),
    ...options,
  }))
const rows = 'Rows and columns can differ in number and size.'
const padding = 'Padding is recognised before bits are masked, whether signed or not.'
/** Distances of 4 and 8 mm. */
const uneven = [-22, -18, -14, -10, -6, -2, 2, 6, 10, 14, 22, 30]
const tilted = (degrees: number) => {
  const angle = degrees * (Math.PI / 180)
  return withImages(() => ({ columns: [0, Math.cos(angle), Math.sin(angle)] }))
}

/** Series of CT. */
export const ctKinds: readonly Kind[] = [
  {
    name: 'ct-missing-listed',
    what: 'a missing image that the structure set lists',
    set: () => madeSet(missing),
    expected: { refused: '(3006,0016) Contour Image Sequence' },
    why: 'The CT is incomplete.',
  },
  {
    name: 'ct-missing-unlisted',
    what: 'a missing image in the middle that no object lists',
    set: () =>
      madeSet({
        ...missing,
        'structures.dcm': structures({
          drawnOn: heights.flatMap((_, k) => (k === 5 ? [] : [uids.image(k)])),
        }),
      }),
    expected: {
      plans: [{ ...both, Heart: { boxes: [[organBox[0], organBox[1], [-2, 16]]] } }],
      remark: 'the CT has a gap of 8.0 mm',
    },
    why: gap,
  },
  {
    name: 'ct-twice-same',
    what: 'an image twice, under two UIDs',
    set: () => madeSet({ 'again.dcm': image(5, { set: { '0008,0018': ['UI', uids.image(99)] } }) }),
    expected: asMade,
    why: 'Equal content at the same position counts once.',
  },
  {
    name: 'ct-twice-different',
    what: 'two images at one place with different content',
    set: () =>
      madeSet({
        'again.dcm': image(5, { stored: () => 0, set: { '0008,0018': ['UI', uids.image(99)] } }),
      }),
    expected: { refused: '(0020,0032) Image Position (Patient)' },
    why: 'It is not known which of them is right.',
  },
  {
    name: 'ct-uneven',
    what: 'images 4 and 8 mm apart',
    set: () =>
      madeSet({
        ...images(() => ({}), uneven),
        'structures.dcm': structures({
          regions: [
            target(drawnBox(targetBox, uneven)),
            { ...organ, contours: drawnBox(organBox, uneven) },
          ],
        }),
      }),
    expected: {
      bone: false,
      plans: [
        {
          PTV50: both.PTV50!,
          Heart: {
            boxes: [
              [
                [40, 60],
                [-20, 20],
                [0, 18],
              ],
            ],
          },
        },
      ],
    },
    why: 'Each image extends half way to its neighbours, and so do the ends of a structure that is drawn on each image.',
  },
  {
    name: 'ct-tilted-2.5',
    what: 'gantry tilted by 2.5°, contours axial',
    set: tilted(2.5),
    expected: { plans: [both], bone: false },
    why: 'Axial slices are resampled from the tilted images.',
  },
  {
    name: 'ct-tilted-10',
    what: 'gantry tilted by 10°, contours axial',
    set: tilted(10),
    expected: { plans: [both], bone: false },
    why: 'Axial slices are resampled from the tilted images.',
  },
  {
    name: 'ct-rescale-of-each',
    what: 'a different slope and intercept for each image',
    set: withImages((k) => ({
      stored: (hu) => Math.round((hu + 1024 + 10 * k) / (1 + 0.1 * (k % 3))),
      set: {
        '0028,1052': ['DS', String(-1024 - 10 * k)],
        '0028,1053': ['DS', String(1 + 0.1 * (k % 3))],
      },
    })),
    expected: asMade,
    why: 'Each image has its own rescale.',
  },
  {
    name: 'ct-padding-signed',
    what: 'padding of -2000 in signed values',
    set: padded(-2000 + 65536, {
      set: { '0028,0103': us(1), '0028,0120': ['SS', [-2000]] },
    }),
    expected: asMade,
    why: padding,
  },
  {
    name: 'ct-padding-beyond-bits',
    what: 'padding of 63536 where 12 bits are stored',
    set: padded(63536, {
      set: { '0028,0101': us(12), '0028,0102': us(11), '0028,0120': us(63536) },
    }),
    expected: asMade,
    why: padding,
  },
  {
    name: 'ct-padding-beyond-signed-bits',
    what: 'padding of -2000 where 12 signed bits are stored',
    set: padded(-2000 + 65536, {
      set: {
        '0028,0101': us(12),
        '0028,0102': us(11),
        '0028,0103': us(1),
        '0028,0120': ['SS', [-2000]],
      },
    }),
    expected: asMade,
    why: padding,
  },
  {
    name: 'ct-padding-unnamed',
    what: 'values of 63536 where 12 bits are stored, and no padding is named',
    set: padded(63536, { set: { '0028,0101': us(12), '0028,0102': us(11) } }),
    expected: asMade,
    why: 'A single value that needs more bits than are stored can only be padding.',
  },
  {
    name: 'ct-32-bits',
    what: 'CT with 32 bits allocated',
    set: withImages(() => ({
      set: { '0028,0100': us(32), '0028,0101': us(32), '0028,0102': us(31) },
    })),
    expected: { refused: '(0028,0100) Bits Allocated' },
    why: 'CT Image Storage has 16 bits, PS3.3 C.8.2.1.1.4.',
  },
  {
    name: 'ct-overlay-bits',
    what: 'bits above the stored ones, such as an overlay',
    set: withImages(() => ({
      stored: (hu) => (hu + 1024) | 0xf000,
      set: { '0028,0101': us(12), '0028,0102': us(11) },
    })),
    expected: asMade,
    why: 'For CT, only the stored bits count.',
  },
  {
    name: 'ct-monochrome1',
    what: 'CT in MONOCHROME1',
    set: withImages(() => ({ set: { '0028,0004': ['CS', 'MONOCHROME1'] } })),
    expected: asMade,
    why: 'MONOCHROME1 only affects display; the rescale gives HU.',
  },
  {
    name: 'ct-localizer-unlisted',
    what: 'a localizer in the series',
    set: () => madeSet({ 'scout.dcm': scout('ORIGINAL\\PRIMARY\\LOCALIZER') }),
    expected: asMade,
    why: 'A localizer is not a slice.',
  },
  {
    name: 'ct-localizer-listed',
    what: 'a localizer that the structure set lists',
    set: () =>
      madeSet({
        'scout.dcm': scout('ORIGINAL\\PRIMARY\\LOCALIZER'),
        'structures.dcm': structures({ drawnOn: scoutImages }),
      }),
    expected: asMade,
    why: 'A localizer is not a slice.',
  },
  {
    name: 'ct-scout-not-said',
    what: 'an image across the others that is not marked as a localizer',
    set: () => madeSet({ 'scout.dcm': scout('ORIGINAL\\PRIMARY') }),
    expected: { plans: [both], remark: 'left out as a localizer' },
    why: 'A single image that crosses all others does not belong to the volume.',
  },
  {
    name: 'ct-two-series',
    what: 'two series in one frame of reference, of which the structure set names one',
    set: () => madeSet(phase()),
    expected: asMade,
    why: 'The series that the structure set names is used.',
  },
  {
    name: 'ct-two-series-none-named',
    what: 'two series in one frame of reference, none named',
    set: () => madeSet({ ...phase(), 'structures.dcm': structures({ set: unnamed }) }),
    expected: { refused: '(3006,0014) RT Referenced Series Sequence' },
    why: 'It is not known on which of them the structures were drawn.',
  },
  {
    name: 'ct-one-series-none-named',
    what: 'one series in the frame of reference, none named',
    set: () => madeSet({ 'structures.dcm': structures({ set: unnamed }) }),
    expected: { plans: [both], remark: 'names no CT series' },
    why: 'The only possible series is used, with a remark.',
  },
  {
    name: 'ct-shifted-images',
    what: 'images that are shifted by 10 mm in the second half of the series',
    set: withImages((k) => (k < 6 ? {} : { corner: [-77.5, -87.5, heights[k]!] })),
    expected: asMade,
    why: 'Each image has its own position.',
  },
  {
    name: 'ct-not-square',
    what: 'CT of 46 rows of 4 mm and 72 columns of 2.5 mm',
    set: withImages(() => ({ side: [46, 72], spacing: [4, 2.5] })),
    expected: asMade,
    why: rows,
  },
  {
    name: 'ct-other-frame',
    what: 'CT in another frame of reference than the structures',
    set: withImages(() => ({ set: { '0020,0052': ['UI', uids.of('2.9')] } })),
    expected: { refused: '(0020,0052) Frame of Reference UID' },
    why: 'The position of the contours on it is not known.',
  },
  {
    name: 'ct-without-spacing',
    what: 'CT without pixel spacing',
    set: withImages(() => ({ set: { '0028,0030': null } })),
    expected: { refused: '(0028,0030) Pixel Spacing' },
    why: 'The size of a pixel cannot be guessed.',
  },
]

function phase() {
  const all = heights.map((z, k) => [`phase${k}.dcm`, image(k, { z, series: '2' })] as const)
  return Object.fromEntries(all)
}

const unnamed = { '3006,0010': ['SQ', [{ '0020,0052': ['UI', uids.frame] }]] } as const
