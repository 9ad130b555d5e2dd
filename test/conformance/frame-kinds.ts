import type { Vector3 } from '../../src/ingest/volume/planes.js'
import { asMade, both, organ, target, type Kind } from './kind.js'
import { decimals, dose, images, type DoseOptions } from './made-set.js'
import { madeSet } from './made-structures.js'

const withDose = (options: DoseOptions) => () => madeSet({ 'dose.dcm': dose(options) })
const turned = (rows: Vector3, columns: Vector3) => () =>
  madeSet({ ...images(() => ({ rows, columns })) })

const inPlane = 10 * (Math.PI / 180)
const [cos, sin] = [Math.cos(inPlane), Math.sin(inPlane)]
const tilt = 15 * (Math.PI / 180)
const [flat, steep] = [Math.cos(tilt), Math.sin(tilt)]
const linear = 'Dose is interpolated linearly between voxels, which is exact for a linear dose.'
const directions =
  'Direction cosines and origin give the position of the grid, whatever the position of the patient.'
const slices = 'Images are rotated to axial slices by their direction cosines.'

/** How images and dose lie in the patient. */
export const frameKinds: readonly Kind[] = [
  {
    name: 'base',
    what: 'axial CT, structures, plan and dose',
    set: () => madeSet(),
    expected: asMade,
    why: linear,
  },
  {
    name: 'frame-dose-heights',
    what: 'offsets of the dose written as heights in the patient',
    set: withDose({
      set: { '3004,000c': ['DS', decimals(Array.from({ length: 17 }, (_, k) => 5 * k - 40))] },
    }),
    expected: asMade,
    why: 'PS3.3 C.8.8.3.2 allows both: offsets that begin with 0, and heights.',
  },
  {
    name: 'frame-dose-descending',
    what: 'planes of the dose from head to feet',
    set: withDose({
      corner: [-120, -119, 40],
      offsets: Array.from({ length: 17 }, (_, k) => (k === 0 ? 0 : -5 * k)),
    }),
    expected: asMade,
    why: 'Offsets may decrease.',
  },
  {
    name: 'frame-dose-feet-first-supine',
    what: 'dose grid of a patient feet first, supine',
    set: withDose({ rows: [-1, 0, 0], corner: [120, -119, 40] }),
    expected: asMade,
    why: directions,
  },
  {
    name: 'frame-dose-head-first-prone',
    what: 'dose grid of a patient head first, prone',
    set: withDose({ rows: [-1, 0, 0], columns: [0, -1, 0], corner: [120, 119, -40] }),
    expected: asMade,
    why: directions,
  },
  {
    name: 'frame-dose-feet-first-prone',
    what: 'dose grid of a patient feet first, prone',
    set: withDose({ columns: [0, -1, 0], corner: [-120, 119, 40] }),
    expected: asMade,
    why: directions,
  },
  {
    name: 'frame-dose-feet-first-heights',
    what: 'the same feet first, supine, with heights as offsets',
    set: withDose({
      rows: [-1, 0, 0],
      corner: [120, -119, 40],
      set: { '3004,000c': ['DS', decimals(Array.from({ length: 17 }, (_, k) => 40 - 5 * k))] },
    }),
    expected: asMade,
    why: directions,
  },
  {
    name: 'frame-dose-decubitus',
    what: 'dose grid of a patient on the side',
    set: withDose({
      rows: [0, 1, 0],
      columns: [-1, 0, 0],
      corner: [120, -119, -40],
      size: [17, 31, 35],
      spacing: [5, 8, 7],
    }),
    expected: asMade,
    why: directions,
  },
  {
    name: 'frame-dose-turned',
    what: 'dose grid turned by 10° about the axis of the patient',
    set: withDose({
      rows: [cos, sin, 0],
      columns: [-sin, cos, 0],
      corner: [-145 * cos + 145 * sin, -145 * sin - 145 * cos, -40],
      size: [17, 42, 37],
    }),
    expected: asMade,
    why: linear,
  },
  {
    name: 'frame-dose-tilted',
    what: 'dose grid tilted by 15° about the transverse axis',
    set: withDose({
      columns: [0, flat, steep],
      corner: [-120, -140 * flat + 70 * steep, -140 * steep - 70 * flat],
      size: [29, 41, 31],
    }),
    expected: asMade,
    why: linear,
  },
  {
    name: 'frame-dose-uneven',
    what: 'planes of the dose at uneven distances',
    set: withDose({ offsets: [0, 5, 10, 15, 17.5, 20, 30, 40, 45, 55, 65, 80] }),
    expected: asMade,
    why: 'Each plane is at its own offset.',
  },
  {
    name: 'frame-dose-fractional-offsets',
    what: 'offsets of the dose that are rounded from one plane to the next, as Pinnacle writes them',
    set: withDose({
      set: {
        '3004,000c': [
          'DS',
          Array.from({ length: 17 }, (_, k) => (5 * k + 2e-4 * ((k * 7) % 3)).toFixed(7)).join(
            '\\',
          ),
        ],
      },
    }),
    expected: asMade,
    why: 'Differences of a few parts in 100,000 between planes are rounding.',
  },
  {
    name: 'frame-dose-short',
    what: 'dose grid that ends before the CT, beyond all structures',
    set: withDose({ corner: [-120, -119, -15], size: [9, 35, 31] }),
    expected: { plans: [both], remark: 'does not reach' },
    why: 'Dose images cannot store an unknown dose, so a remark gives the number of slices that show 0.',
  },
  {
    name: 'frame-dose-covers-target',
    what: 'dose grid that ends within the organ',
    set: withDose({ corner: [-48, -45.5, -20], size: [9, 14, 13] }),
    expected: {
      plans: [{ PTV50: target, Heart: { ...organ, gy: null } }],
      remark: 'less than 99.0 %',
      bone: false,
    },
    why: 'Outside its grid a dose is unknown, not 0: figures are null if less than 99 % of a structure is covered.',
  },
  {
    name: 'frame-dose-misses-target',
    what: 'dose grid that ends within the target',
    set: withDose({ corner: [-16, -14, -20], size: [9, 5, 5] }),
    expected: { refused: '(3004,000C) Grid Frame Offset Vector' },
    why: 'Without the dose of its target a plan does not show what was planned.',
  },
  {
    name: 'frame-dose-one-plane',
    what: 'a dose of a single plane',
    set: withDose({ corner: [-120, -119, 2], size: [1, 35, 31] }),
    expected: { refused: '(3004,000C) Grid Frame Offset Vector' },
    why: 'It covers only the adjacent slices.',
  },
  {
    name: 'frame-ct-head-first-prone',
    what: 'CT of a patient head first, prone',
    set: turned([-1, 0, 0], [0, -1, 0]),
    expected: asMade,
    why: slices,
  },
  {
    name: 'frame-ct-feet-first-supine',
    what: 'CT of a patient feet first, supine',
    set: turned([-1, 0, 0], [0, 1, 0]),
    expected: asMade,
    why: slices,
  },
  {
    name: 'frame-ct-feet-first-prone',
    what: 'CT of a patient feet first, prone',
    set: turned([1, 0, 0], [0, -1, 0]),
    expected: asMade,
    why: slices,
  },
  {
    name: 'frame-ct-decubitus',
    what: 'CT of a patient on the side',
    set: turned([0, 1, 0], [-1, 0, 0]),
    expected: { plans: [both] },
    why: slices,
  },
]
