import { createHash } from 'node:crypto'
import type { Plan, Slice, Structure } from '../core/plan.js'
import { showsBody } from './body.js'
import { readCt, type CtVolume } from './dicom-ct.js'
import { readDose } from './dicom-dose.js'
import type { DicomSource } from './dicom-join.js'
import { refusal } from './dicom-refusal.js'
import { readStructureSet } from './dicom-structure-set.js'
import { readTreatment } from './dicom-treatment.js'
import { doseField } from './dose-field.js'
import { drawingsOf } from './drawing.js'
import { readPlace, type FilePlace } from './file-place.js'
import { dot, normalOf, type Stack } from './planes.js'
import { measureRegion, type RegionScene } from './region-measure.js'
import { nameRegions, type NamedRegion } from './structure-names.js'
import { airHu, maxHu } from './volume.js'

/**
 * Reads and checks one plan of DICOM RT. Nothing of what identifies a patient is in it.
 *
 * @throws LshError `bad_input`, naming file, attribute and reason
 */
export async function readDicomPlan(source: DicomSource): Promise<Plan> {
  const { sourceKey, patient, machine, site } = source
  const digests: string[] = []
  const planFile = await read(source.plan)
  const { prescriptionGy: prescribed, ...treatment } = await readTreatment(
    planFile,
    source.plan.name,
  )
  const structureFile = await read(source.structures)
  const drawn = await readStructureSet(structureFile, source.structures.name)
  const regions = nameRegions(drawn.regions)
  const prescriptionGy = prescribed ?? prescribedByName(regions)
  if (prescriptionGy === null)
    return refusal(source.plan.name, '(300A,0026) Target Prescription Dose')(
      'is missing, and neither doses of beams nor names of targets tell it',
      'Export the plan with its prescription.',
    )
  const ct = await readCt(source.ct)
  digests.push(...ct.digests)
  const stacks: Stack[] = []
  for (const file of source.doses)
    stacks.push(await readDose(await read(file), file.name, prescriptionGy))
  const field = doseField(stacks)
  const known = ct.slices.map(({ origin }) => field.pixels({ ...ct.raster, origin }))
  const dose = known.map((slice) => slice.map((gy) => (Number.isNaN(gy) ? 0 : gy)))
  if (!dose.some((slice) => slice.some((gy) => gy > 0)))
    refusal(source.doses[0]?.name ?? sourceKey)('has no dose where the CT lies')
  const { spacingMm } = ct.raster
  const slices = slicesOf(ct, dose).filter((slice) => showsBody(slice, spacingMm))
  if (slices.length === 0)
    refusal(source.ct[0]?.name ?? sourceKey)('is of a CT without a body in any slice')
  const scene = { drawings: drawingsOf(ct), dose: { field, slices: known } }
  const structures = regions
    .map((region) => measured(region, scene, { file: source.structures.name, slices }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  return {
    sourceKey,
    patient,
    split: null,
    checksum: createHash('sha256').update(digests.sort().join('\n')).digest('hex'),
    site,
    prescriptionGy,
    treatment: { ...treatment, machine },
    voxelMm: [...spacingMm, ct.sliceMm],
    slices,
    structures,
  }

  async function read(file: FilePlace): Promise<Uint8Array> {
    const bytes = await readPlace(file)
    digests.push(createHash('sha256').update(bytes).digest('hex'))
    return bytes
  }
}

/** The highest dose that stands in the name of a target: 70 for `PTV70`. */
function prescribedByName(regions: readonly NamedRegion[]): number | null {
  const doses = regions.map(({ name }) => Number(/^PTV[pn]?(\d+(\.\d+)?)/.exec(name)?.[1] ?? 0))
  const highest = Math.max(0, ...doses)
  return highest > 0 ? highest : null
}

function measured(region: NamedRegion, scene: RegionScene, context: Context): Structure {
  const { file, slices } = context
  const { name, role } = region
  const found = measureRegion(region, scene)
  if (found === null)
    return refusal(file, '(3006,0050) Contour Data')(
      `of region ${region.number} does not lie in the planes of the CT`,
      'Export the structures as they were drawn on this CT.',
    )
  const { volumeCc, dose, areasCm2 } = found
  return {
    name,
    role,
    volumeCc: volumeCc ?? 0,
    meanGy: dose?.meanGy ?? 0,
    maxGy: dose?.maxGy ?? 0,
    dvh: dose?.dvh ?? { binGy: 0.5, volume: Float32Array.of(1, 0) },
    areasCm2: Float32Array.from(slices, ({ index }) => areasCm2[index] as number),
  }
}

interface Context {
  readonly file: string
  readonly slices: readonly Slice[]
}

function slicesOf({ raster, slices }: CtVolume, dose: readonly Float32Array[]): Slice[] {
  const normal = normalOf(raster)
  const top = slices[0]?.origin ?? [0, 0, 0]
  return slices.map(({ origin, values }, index) => ({
    index,
    positionMm: dot(top, normal) - dot(origin, normal),
    rows: raster.rows,
    columns: raster.columns,
    // Below air is what scanners write outside of their field, above is metal.
    ct: values.map((hu) => Math.min(maxHu, Math.max(airHu, hu))),
    dose: dose[index] as Float32Array,
  }))
}
