import { createHash } from 'node:crypto'
import type { Plan, Slice, Structure } from '../core/plan.js'
import { showsBody } from './body.js'
import { readCt, type CtVolume } from './dicom-ct.js'
import { readDose } from './dicom-dose.js'
import type { DicomSource } from './dicom-join.js'
import { refusal } from './dicom-refusal.js'
import { readStructureSet } from './dicom-structure-set.js'
import { readTreatment } from './dicom-treatment.js'
import { startTally } from './dvh.js'
import { readPlace, type FilePlace } from './file-place.js'
import { dot, normalOf, sampleStack, type Stack } from './planes.js'
import { regionMasks } from './region-masks.js'
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
  const regions = nameRegions(await readStructureSet(structureFile, source.structures.name))
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
  const dose = doseOf(ct, stacks)
  if (!dose.some((slice) => slice.some((gy) => gy > 0)))
    refusal(source.doses[0]?.name ?? sourceKey)('has no dose where the CT lies')
  const { spacingMm } = ct.raster
  const slices = slicesOf(ct, dose).filter((slice) => showsBody(slice, spacingMm))
  if (slices.length === 0)
    refusal(source.ct[0]?.name ?? sourceKey)('is of a CT without a body in any slice')
  const structures = regions
    .map((region) => measured(region, { ct, dose, slices }, source.structures.name))
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

/** The sum of the doses in each slice. */
function doseOf({ raster, slices }: CtVolume, stacks: readonly Stack[]): Float32Array[] {
  return slices.map(({ origin }) => {
    const sum = new Float32Array(raster.rows * raster.columns)
    for (const stack of stacks) {
      const one = stacks.length === 1 ? sum : new Float32Array(sum.length)
      sampleStack(stack, { ...raster, origin }, one)
      if (one !== sum) one.forEach((gy, i) => (sum[i] = (sum[i] as number) + gy))
    }
    return sum
  })
}

function measured(
  region: NamedRegion,
  { ct, dose, slices }: { ct: CtVolume; dose: readonly Float32Array[]; slices: readonly Slice[] },
  file: string,
): Structure {
  const [rowMm, columnMm] = ct.raster.spacingMm
  const tally = startTally()
  const pixelCm2 = (rowMm * columnMm) / 100
  const areas = new Float32Array(ct.slices.length)
  for (const { slice, mask } of regionMasks(region, ct, file)) {
    const { thicknessMm } = ct.slices[slice] as CtVolume['slices'][number]
    areas[slice] = pixelCm2 * mask.reduce((pixels, inside) => pixels + inside, 0)
    tally.add(dose[slice] as Float32Array, mask, (rowMm * columnMm * thicknessMm) / 1000)
  }
  const { amount, meanGy, maxGy, dvh } = tally.statistics()
  const areasCm2 = Float32Array.from(slices, ({ index }) => areas[index] as number)
  return { name: region.name, role: region.role, volumeCc: amount, meanGy, maxGy, dvh, areasCm2 }
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
