import type { Bodies, Expected, Kind } from './kind.js'
import { truthOf } from './kind.js'
import { differing } from '../cross-check/differing.js'
import { kinds } from './kinds.js'

const intro = `# DICOM conformance

What \`pg-lsh load dicom\` reads, what it refuses and what it assumes. The tables below are rendered from
\`test/conformance\`, where a test writes each set, loads it, and compares every number: volumes within 2 %, mean dose, D2 and
D98 within 1 % and 0.1 Gy, and the place of a block of bone with its dose. Another test compares this page with the tables.

## What is read

| object               | SOP class                                 | what of it                                                       |
| -------------------- | ----------------------------------------- | ---------------------------------------------------------------- |
| CT                   | CT Image Storage, Enhanced CT             | Hounsfield units and where each image lies                       |
| structures           | RT Structure Set Storage                  | closed contours, names, types                                    |
| plan                 | RT Plan, RT Ion Plan                      | prescription, fractions, beams, radiation, technique             |
| dose                 | RT Dose Storage                           | grid in Gy, what it is the dose of                               |
| registration         | Spatial Registration Storage              | rigid motions between frames of reference                        |

Transfer syntaxes: implicit, explicit, big endian, deflated, RLE, JPEG baseline, extended and lossless, JPEG-LS, JPEG 2000.
All other objects are left out and named. No value that identifies a patient is stored.

## What is assumed

Every assumption on a plan is told as a remark, by \`load\` and by \`--explain\`.

- **Which dose.** One dose of the whole plan, else exactly one of each fraction group, else exactly one of each beam that treats,
  and of one type. Of a physical and an effective dose the physical one is taken.
- **What 100 % is.** A relative dose is a part of the prescription if its highest value is 0.5 to 2, and percent of it if it is 50
  to 200. Anything else is refused.
- **Prescription.** That of the plan (dose references of targets, else what the beams give in all fractions), else the highest dose
  in the name of a target, with a remark. A plan with dose of which nothing tells it is refused.
- **Coverage.** Beyond the planes and rows of its grid, and half a voxel around them, a dose is not known. A structure of which the
  grid covers less than 99 % has no figures of dose: they are null. A plan with such a target is refused.
- **Frames of reference.** Structures and dose must lie in that of the CT, or a registration must say how they lie. One that is
  missing is taken for that of the CT, with a remark (\`--strict-references\` refuses).
- **Holes.** In one plane, the same line counts once, a line within another one cuts a hole, a line within the hole is an island,
  and lines that cross each other are joined. Lines of type CLOSEDPLANAR_XOR each turn inside into outside.
- **Planes.** Lines up to 0.3 mm apart, or a quarter of the distance of images, are in one plane.
- **Between planes.** The share of the nearer plane grows evenly, so that areas run in straight lines. Planes further apart than two
  and a half times the usual distance of the structure, or than 20 mm or four images if that is less, are ends of two parts.
- **Ends.** A structure goes on behind its last planes by half of its spacing: that of the images if it was drawn in each of them.
- **Small structures.** Cells are finer than pixels where a structure is small, and count by the share of them that lies inside.
- **Contours without a type** count as closed from three points on. Points and open lines enclose nothing.
- **Names.** A name sets side and dose only where it says them without doubt; others become \`Structure_<number>\`.
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

\`test/cross-check/measure.py\` reads the same sets by pydicom and measures them as dicompyler does: areas of polygons times the
distance of planes, and doses at points in the polygons. A test runs it where Debian's python3-pydicom and python3-numpy are
installed. Volumes must agree within 1 % and 0.01 cc, mean dose, D2 and D98 within 1 % and 0.1 Gy, but for these sets:

| set | why it differs |
| --- | -------------- |
${Object.entries(differing)
  .map(([name, why]) => `| \`${name}\` | ${why} |`)
  .join('\n')}

On real doses two ways of sampling differ. Interpolation between the middles of voxels flattens what is steep: on voxels of
5.4 mm (OpenKBP pt_1 as DICOM) it gives the left parotid 60.9 Gy in the mean, and the voxels themselves 61.8. The loader gives each
part of a voxel its dose with a slope, which keeps that of the voxel on average: 61.7. There the mean must be that of the voxels
within 1 % and 0.1 Gy, and D2 and D98 must lie between both ways, widened by as much.
`

/** The page, before it is formatted. */
export function conformancePage(): string {
  const tables = Object.entries(kinds).map(
    ([title, group]) =>
      `## ${title}\n\n| set | what is in it | what comes of it | why |\n| - | - | - | - |\n${group.map(rowOf).join('\n')}\n`,
  )
  return [intro, ...tables, crossCheck].join('\n')
}
