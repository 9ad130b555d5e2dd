import type { Vector3 } from '../../src/ingest/volume/planes.js'
import { asMade, both, organ, target, type Body, type Kind } from './kind.js'
import { heights, organBox, targetBox, type Box } from './made-set.js'
import {
  contour,
  contourItem,
  drawnBox,
  madeSet,
  organ as drawnOrgan,
  rectangle,
  structures,
  target as drawnTarget,
  withRegions,
  type Contour,
  type MadeRegion,
} from './made-structures.js'

const planes = drawnBox(targetBox)
const inTarget = heights.filter((z) => Math.abs(z) < 12)
const at = (zs: readonly number[], box = targetBox) => zs.map((z) => rectangle(box, z))
const hole: Box = [
  [-10, 10],
  [-10, 10],
  [-12, 12],
]
const withHole: Body = { boxes: [targetBox], holes: [hole] }
/** The target from one height to another. */
const slab = (from: number, to: number): Body => ({
  boxes: [[targetBox[0], targetBox[1], [from, to]]],
})
const targetOf = (contours: readonly Contour[]) => () =>
  withRegions([drawnTarget(contours), drawnOrgan])
const expectTarget = (body: Body) => ({ plans: [{ PTV50: body, Heart: organ }] })
const beside = (region: MadeRegion) => () => withRegions([drawnTarget(), drawnOrgan, region])

/** One line around a target with a hole, that reaches the hole by a channel without width. */
const keyhole = (z: number): readonly Vector3[] => [
  ...rectangle(targetBox, z),
  [-30, -25, z],
  [-10, -10, z],
  [-10, 10, z],
  [10, 10, z],
  [10, -10, z],
  [-10, -10, z],
]
const rounded = (points: readonly Vector3[]): Vector3[] =>
  points.map(([x, y, z]) => [+(x + 0.01).toFixed(2), +(y + 0.01).toFixed(2), z])
const [left, right]: [Box, Box] = [
  [[-30, 10], targetBox[1], targetBox[2]],
  [[-10, 30], targetBox[1], targetBox[2]],
]
const once = 'A repeated contour counts once, whatever its first point, direction and rounding.'
const ownSpacing =
  'The spacing of its planes determines how a structure is filled: between planes by all of it, at the ends by half.'
const noVolume = 'Points and open lines enclose nothing: the volume is null.'
const lens: Box = [
  [47.2, 48.4],
  [0.3, 1.5],
  [0, 4],
]
const roiItems: Record<string, Kind['set']> = {
  split: () =>
    madeSet({
      'structures.dcm': structures({
        set: {
          '3006,0039': [
            'SQ',
            [
              contourItem(0, planes.slice(0, 3)),
              contourItem(1, drawnOrgan.contours),
              contourItem(0, planes.slice(3)),
            ],
          ],
        },
      }),
    }),
  observed: () => madeSet({ 'structures.dcm': structures({ set: { '3006,0080': null } }) }),
}

/** How structures are drawn. */
export const structureKinds: readonly Kind[] = [
  {
    name: 'structure-empty',
    what: 'a region without contours',
    set: beside({ name: 'Liver', type: 'ORGAN', contours: [] }),
    expected: { plans: [{ ...both, Liver: { boxes: [], gy: null } }] },
    why: 'It has 0 cc, and no figures of dose.',
  },
  {
    name: 'structure-point',
    what: 'a region of one point',
    set: beside({ name: 'Isocenter', type: 'ORGAN', contours: [contour([[0, 0, 2]], 'POINT')] }),
    expected: { plans: [{ ...both, Structure_3: null }] },
    why: noVolume,
  },
  {
    name: 'structure-open-line',
    what: 'a region of one open line',
    set: beside({
      name: 'Line',
      type: 'ORGAN',
      contours: [contour(rectangle(targetBox, 2), 'OPEN_PLANAR')],
    }),
    expected: { plans: [{ ...both, Structure_3: null }] },
    why: noVolume,
  },
  {
    name: 'structure-keyhole',
    what: 'a hole that is connected to its contour by a channel',
    set: targetOf(inTarget.map(keyhole)),
    expected: expectTarget(withHole),
    why: 'A channel without width encloses nothing.',
  },
  {
    name: 'structure-hole',
    what: 'a contour within another one',
    set: targetOf([...planes, ...at(inTarget, hole)]),
    expected: expectTarget(withHole),
    why: 'A contour within another one is a hole.',
  },
  {
    name: 'structure-xor',
    what: 'the same of type CLOSEDPLANAR_XOR',
    set: targetOf(
      [...planes, ...at(inTarget, hole)].map((one) => contour(one, 'CLOSEDPLANAR_XOR')),
    ),
    expected: expectTarget(withHole),
    why: 'Each contour inverts the region that it encloses, PS3.3 C.8.8.6.3.',
  },
  {
    name: 'structure-crossing',
    what: 'two contours that cross each other',
    set: targetOf([...at(inTarget, left), ...at(inTarget, right)]),
    expected: asMade,
    why: 'Crossing contours are united.',
  },
  {
    name: 'structure-twice-from-elsewhere',
    what: 'each contour twice, with another first point',
    set: targetOf([...planes, ...planes.map((one) => [...one.slice(1), one[0]!])]),
    expected: asMade,
    why: once,
  },
  {
    name: 'structure-twice-reversed',
    what: 'each contour twice, in opposite directions',
    set: targetOf([...planes, ...planes.map((one) => [...one].reverse())]),
    expected: asMade,
    why: once,
  },
  {
    name: 'structure-twice-rounded',
    what: 'each contour twice, rounded differently',
    set: targetOf([...planes, ...planes.map(rounded)]),
    expected: asMade,
    why: once,
  },
  {
    name: 'structure-twice-closed',
    what: 'each contour twice, once with its first point repeated at its end',
    set: targetOf([...planes, ...planes.map((one) => [...one, one[0]!])]),
    expected: asMade,
    why: once,
  },
  {
    name: 'structure-few-points',
    what: 'contours of one and of two points among others',
    set: targetOf([
      ...planes,
      [[0, 0, 2]],
      [
        [0, 0, 2],
        [4, 4, 2],
      ],
    ]),
    expected: { ...asMade, remark: 'enclose nothing' },
    why: 'They enclose nothing, with a remark.',
  },
  {
    name: 'structure-sagittal',
    what: 'a region drawn in a sagittal plane',
    set: beside({
      name: 'Spine',
      type: 'ORGAN',
      contours: [
        [
          [2, -30, -20],
          [2, 30, -20],
          [2, 30, 20],
          [2, -30, 20],
        ],
      ],
    }),
    expected: { refused: '(3006,0050) Contour Data' },
    why: 'Structures are measured in the planes of the CT.',
  },
  {
    name: 'structure-between-images',
    what: 'every plane half way between two images',
    set: targetOf(at([-8, -4, 0, 4, 8])),
    expected: expectTarget(slab(-10, 10)),
    why: ownSpacing,
  },
  {
    name: 'structure-one-between-images',
    what: 'one plane half way between two images',
    set: targetOf(at([0])),
    expected: expectTarget(slab(-2, 2)),
    why: 'A single plane counts as one image thickness.',
  },
  {
    name: 'structure-one-on-image',
    what: 'one plane on an image',
    set: targetOf(at([2])),
    expected: expectTarget(slab(0, 4)),
    why: 'A single plane counts as one image thickness.',
  },
  {
    name: 'structure-finer-than-images',
    what: 'three planes 1 mm apart',
    set: targetOf(at([-1, 0, 1])),
    expected: expectTarget(slab(-1.5, 1.5)),
    why: ownSpacing,
  },
  {
    name: 'structure-much-finer-than-images',
    what: 'planes 1 mm apart over 20 mm',
    set: targetOf(at(Array.from({ length: 21 }, (_, k) => k - 10))),
    expected: expectTarget(slab(-10.5, 10.5)),
    why: ownSpacing,
  },
  {
    name: 'structure-every-second-image',
    what: 'every second image drawn',
    set: targetOf(at([-10, -2, 6])),
    expected: expectTarget(slab(-14, 10)),
    why: ownSpacing,
  },
  {
    name: 'structure-every-third-image',
    what: 'every third image drawn',
    set: targetOf(at([-14, -2, 10])),
    expected: expectTarget(slab(-20, 16)),
    why: ownSpacing,
  },
  {
    name: 'structure-last-gap-narrow',
    what: 'every second image drawn, and the last one too',
    set: targetOf(at([-10, -2, 6, 10])),
    expected: expectTarget(slab(-12, 12)),
    why: 'If adjacent images are drawn at an end, the structure ends half an image behind the last one.',
  },
  {
    name: 'structure-hole-beside-plane',
    what: 'holes 0.08 mm off the planes of their targets',
    set: targetOf([
      ...planes,
      ...at(
        inTarget.map((z) => z + 0.08),
        hole,
      ),
    ]),
    expected: expectTarget(withHole),
    why: 'Contours up to 0.3 mm apart belong to one plane.',
  },
  {
    name: 'structure-beyond-ct',
    what: 'planes beyond the last image',
    set: targetOf(at(Array.from({ length: 14 }, (_, k) => 4 * k - 10))),
    expected: { ...expectTarget(slab(-12, 24)), remark: 'beyond the CT' },
    why: 'Parts beyond the CT are not counted, with a remark.',
  },
  {
    name: 'structure-in-two-items',
    what: 'one region in two items of ROI Contour Sequence',
    set: roiItems.split!,
    expected: asMade,
    why: 'All items of a region are used.',
  },
  {
    name: 'structure-small',
    what: 'a lens of 6 mm³ between the centres of pixels',
    set: beside({ name: 'Lens_L', type: 'ORGAN', contours: [...at([2], lens)] }),
    expected: { plans: [{ ...both, Lens_L: { boxes: [lens] } }] },
    why: 'Small structures are measured on cells finer than pixels, weighted by the share that lies inside.',
  },
  {
    name: 'structure-without-type',
    what: 'contours without a type',
    set: targetOf(planes.map((one) => contour(one, null))),
    expected: { ...asMade, remark: '(3006,0042) Contour Geometric Type' },
    why: 'Contours with three or more points count as closed, with a remark.',
  },
  {
    name: 'structure-without-observations',
    what: 'no RT ROI Observations',
    set: roiItems.observed!,
    expected: asMade,
    why: 'The names tell what the structures are.',
  },
  {
    name: 'structure-of-two-sides',
    what: 'a region called "Lung L+R"',
    set: () => withRegions([drawnTarget(), { ...drawnOrgan, name: 'Lung L+R' }]),
    expected: { plans: [{ PTV50: target, Lungs: organ }] },
    why: 'A structure has no side unless its name states one.',
  },
  {
    name: 'structure-of-fractions',
    what: 'a target called "PTV 25fx"',
    set: () => withRegions([{ ...drawnTarget(), name: 'PTV 25fx' }, drawnOrgan]),
    expected: { plans: [{ PTV: target, Heart: organ }] },
    why: 'A number of fractions is not a dose.',
  },
  {
    name: 'structure-with-margin',
    what: 'a target called "PTV+30mm"',
    set: () => withRegions([{ ...drawnTarget(), name: 'PTV+30mm' }, drawnOrgan]),
    expected: { plans: [{ PTV: target, Heart: organ }] },
    why: 'A margin is not a dose.',
  },
  {
    name: 'structure-device',
    what: 'a couch (type SUPPORT) beside the structures',
    set: beside({ name: 'Couch', type: 'SUPPORT', contours: drawnBox(organBox) }),
    expected: asMade,
    why: 'Devices are not part of the patient.',
  },
]
