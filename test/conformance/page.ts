import type { Bodies, Expected, Kind } from './kind.js'
import { truthOf } from './kind.js'
import { differing } from '../cross-check/differing.js'
import { kinds } from './kinds.js'

const intro = `# DICOM conformance

This page describes what \`pg-lsh load dicom\` reads, what it refuses and what it assumes. The tables below are rendered from
\`test/conformance\`. A test writes each set, loads it, and compares every number: volumes within 2 %, mean dose, D2 and D98 within
1 % and 0.1 Gy, and the position of a block of bone and its dose. Another test compares this page with the tables.

## What is read

| object               | SOP class                                 | what is read                                                     |
| -------------------- | ----------------------------------------- | ---------------------------------------------------------------- |
| CT                   | CT Image Storage, Enhanced CT             | Hounsfield units, position of each image                         |
| structures           | RT Structure Set Storage                  | closed contours, names, types                                    |
| plan                 | RT Plan, RT Ion Plan                      | prescription, fractions, beams, radiation, technique             |
| dose                 | RT Dose Storage                           | grid in Gy, the part of the plan                                 |
| registration         | Spatial Registration Storage              | rigid motions between frames of reference                        |

Transfer syntaxes: implicit, explicit, big endian, deflated, RLE, JPEG baseline, extended and lossless, JPEG-LS, JPEG 2000.
All other objects are left out and reported. No value that identifies a patient is stored.

## What is assumed

\`load\` and \`--explain\` report every assumption about a plan as a remark.

- **Dose.** The loader uses the dose of the whole plan. Without one, it adds the doses of all fraction groups, or else of all
  treatment beams; there must be exactly one of each, all of one type. If there are a physical and an effective dose, it uses the
  physical one.
- **Relative dose.** If the highest value is 0.5 to 2, values are fractions of the prescription; if it is 50 to 200, they are
  percentages. Any other relative dose is refused.
- **Prescription.** The loader uses the prescription of the plan: the dose references of targets, or else the sum of the beam doses
  over all fractions. Without one, it uses the highest dose in the name of a target, with a remark. A plan that has dose but no
  prescription is refused.
- **Coverage.** Dose is unknown outside the planes and rows of its grid and a margin of half a voxel. If the grid covers less than
  99 % of a structure, the doses of this structure are null. If it covers less than 99 % of a target, the plan is refused.
- **Frames of reference.** Structures and dose must have the frame of reference of the CT, or a registration must relate the two. A
  missing frame of reference is assumed to be that of the CT, with a remark (\`--strict-references\` refuses it).
- **Holes.** In a plane, a repeated contour counts once, a contour within another one is a hole, a contour within the hole is an
  island, and crossing contours are united. A contour of type CLOSEDPLANAR_XOR inverts the region that it encloses.
- **Planes.** Contours up to 0.3 mm apart, or a quarter of the distance between images, belong to one plane.
- **Between planes.** The loader interpolates linearly between two planes, so areas change linearly. It leaves a gap between planes
  that are further apart than two and a half times the usual distance of the structure, but at most 20 mm or four images.
- **Ends.** A structure extends beyond its last planes by half of its spacing; if it was drawn on every image, by half the distance
  between images.
- **Small structures.** Small structures are measured on cells that are finer than pixels and weighted by the share inside.
- **Contours without a type** count as closed if they have three or more points. Points and open lines enclose nothing.
- **Names.** The loader takes side and dose from a name only if they are unambiguous. Unknown names become
  \`Structure_<number>\`.
`

function bodiesText(bodies: Bodies): string {
  return Object.entries(bodies)
    .map(([name, body]) => {
      if (body === null) return `${name}: no volume`
      const { volumeCc, gy } = truthOf(body)
      const cc = `${volumeCc.toFixed(volumeCc > 0 && volumeCc < 0.1 ? 4 : 2)} cc`
      return `${name}: ${cc}, ${gy === null ? 'no dose' : `${gy.mean.toFixed(2)} Gy`}`
    })
    .join('<br>')
}

function expectedText(expected: Expected): string {
  if ('refused' in expected) return `refused: ${expected.refused}`
  const plans = expected.plans.map(bodiesText).join('<br>and<br>')
  return expected.remark === undefined ? plans : `${plans}<br>remark: “${expected.remark}”`
}

function rowOf({ name, what, expected, why }: Kind): string {
  const cells = [`\`${name}\``, what, expectedText(expected), why]
  return `| ${cells.join(' | ')} |`
}

const crossCheck = `## What another reader measures

\`test/cross-check/measure.py\` reads the same sets with pydicom and measures them as dicompyler does: the areas of polygons times the
distance of planes, and doses at points within the polygons. A test runs it if Debian's python3-pydicom and python3-numpy are
installed. Volumes must agree within 1 % and 0.01 cc; mean dose, D2 and D98 within 1 % and 0.1 Gy. The exceptions are:

| set | reason |
| --- | ------ |
${Object.entries(differing)
  .map(([name, why]) => `| \`${name}\` | ${why} |`)
  .join('\n')}

On real doses, two ways of sampling differ. Interpolation between the centres of voxels flattens steep gradients: with voxels of
5.4 mm (OpenKBP pt_1 as DICOM), the mean dose of the left parotid is 60.9 Gy by interpolation and 61.8 Gy by the voxels themselves.
The loader interpolates within each voxel so that the mean of the voxel stays the same, which gives 61.7 Gy. The test requires that
its mean agrees with the voxels within 1 % and 0.1 Gy, and that D2 and D98 lie between the two ways, with the same tolerance.
`

/** The page, before it is formatted. */
export function conformancePage(): string {
  const tables = Object.entries(kinds).map(
    ([title, group]) =>
      `## ${title}\n\n| set | content | result | reason |\n| - | - | - | - |\n${group.map(rowOf).join('\n')}\n`,
  )
  return [intro, ...tables, crossCheck].join('\n')
}
