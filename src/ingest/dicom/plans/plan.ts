import { createHash } from 'node:crypto'
import type { Plan, Slice, Structure } from '../../../core/plan.js'
import { showsBody } from '../../volume/body.js'
import { readCt, type CtVolume } from '../objects/ct.js'
import { readDose } from '../objects/dose.js'
import { moved } from '../objects/registration.js'
import { refusal } from '../elements/refusal.js'
import type { DicomSource } from './source.js'
import { readStructureSet } from '../objects/structure-set.js'
import { readTreatment, type PlannedTreatment } from '../objects/treatment.js'
import { doseField } from '../../contours/dose-field.js'
import { drawingsOf } from '../../contours/drawing.js'
import { readPlace, type FilePlace } from '../../files/file-place.js'
import { measureStructures } from '../../contours/measure-structures.js'
import { dot, normalOf } from '../../volume/planes.js'
import type { SampledDose } from '../../contours/region-cells.js'
import { nameRegions, type NamedRegion } from '../../contours/structure-names.js'
import { airHu, maxHu } from '../../volume/volume.js'

/**
 * Reads and checks one plan of DICOM RT. The result contains nothing that identifies the patient.
 *
 * @throws LshError `bad_input`, naming file, attribute and reason
 */
export async function readDicomPlan(source: DicomSource): Promise<Plan> {
  const { sourceKey, patient, machine, site } = source
  const digests: string[] = []
  const remarks: string[] = [...source.remarks]
  const planned = source.plan && (await readTreatment(await read(source.plan), source.plan.name))
  const drawn = await readStructureSet(await read(source.structures), source.structures.name)
  remarks.push(...drawn.remarks)
  const regions = nameRegions(inFrame(drawn.regions))
  const prescriptionGy = planned?.prescriptionGy ?? prescribedByName(regions)
  if (prescriptionGy === null && source.doses.length > 0)
    return refusal(source.plan?.name ?? sourceKey, '(300A,0026) Target Prescription Dose')(
      'is missing, and neither the doses of beams nor the names of targets give it',
      'Export the plan with its prescription.',
    )
  if (prescriptionGy !== null && (planned?.prescriptionGy ?? null) === null)
    remarks.push(`the prescription of ${prescriptionGy} Gy is taken from the names of the targets`)
  const ct = await readCt(source.ct)
  digests.push(...ct.digests)
  remarks.push(...ct.remarks)
  const single = source.doses.length === 1 && (planned?.doseLevels ?? 0) <= 1
  const dose = await readDoses(ct, single ? prescriptionGy : null)
  const { spacingMm } = ct.raster
  const slices = slicesOf(ct, dose).filter((slice) => showsBody(slice, spacingMm))
  if (slices.length === 0)
    refusal(source.ct[0]?.name ?? sourceKey)(
      'is of a CT without a body in any slice',
      'Check that the series is CT in Hounsfield units; a body has more than 40 cm² of tissue.',
    )
  const scene = { drawings: drawingsOf(ct), dose }
  const measured = measureStructures(regions, scene, source.structures.name)
  remarks.push(...measured.remarks)
  refuseUncovered(measured.structures)
  const { prescriptionGy: _, doseLevels: __, ...treatment } = planned ?? noTreatment
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
    structures: measured.structures.map(({ areasCm2, masks, ...structure }) => ({
      ...structure,
      areasCm2: Float32Array.from(slices, ({ index }) => areasCm2[index] as number),
      ...(masks !== null && { masks: slices.map(({ index }) => masks[index] ?? null) }),
    })),
    remarks,
    drawn: measured.drawn,
  }

  async function read(file: FilePlace): Promise<Uint8Array> {
    const bytes = await readPlace(file)
    digests.push(createHash('sha256').update(bytes).digest('hex'))
    return bytes
  }

  /** Regions in the frame of reference of the CT, or without one. */
  function inFrame<R extends { number: number; frame: string | null }>(all: readonly R[]): R[] {
    return all.filter(({ number, frame }) => {
      const here = frame === null || source.frame === null || frame === source.frame
      if (!here)
        remarks.push(
          `region ${number} is drawn in another frame of reference, (3006,0024), and left out`,
        )
      return here
    })
  }

  /** All doses as one field; `wholeGy` is the dose that 100 % of a relative one means. */
  async function readDoses(volume: CtVolume, wholeGy: number | null): Promise<SampledDose | null> {
    if (source.doses.length === 0) return null
    const stacks = []
    for (const { place, motion } of source.doses) {
      const read_ = await readDose(await read(place), place.name, wholeGy)
      remarks.push(...read_.remarks)
      stacks.push(motion === null ? read_.stack : moved(read_.stack, motion))
    }
    const field = doseField(stacks)
    const known = volume.slices.map(({ origin }) => field.pixels({ ...volume.raster, origin }))
    if (!known.some((slice) => slice.some((gy) => gy > 0)))
      refusal(source.doses[0]?.place.name ?? sourceKey)(
        'has no dose where the CT lies',
        'Export the dose of this plan on this CT; (0020,0032) Image Position (Patient) says where it lies.',
      )
    const beyond = known.filter((slice) => slice.every((gy) => Number.isNaN(gy))).length
    if (beyond > 0)
      remarks.push(
        `the dose grid does not reach ${beyond} of ${known.length} slices of the CT; their dose images show 0 Gy`,
      )
    return { field, slices: known }
  }

  /** Refuses a plan without known dose in its targets. */
  function refuseUncovered(
    structures: readonly Pick<Structure, 'name' | 'role' | 'meanGy' | 'dosedShare'>[],
  ) {
    const bare = structures.find(
      ({ role, meanGy, dosedShare }) => role === 'target' && meanGy === null && dosedShare !== null,
    )
    if (bare === undefined) return
    const percent = (100 * (bare.dosedShare ?? 0)).toFixed(1)
    const [first] = source.doses
    refusal(first?.place.name ?? sourceKey, '(3004,000C) Grid Frame Offset Vector')(
      `and the size of the grid cover only ${percent} % of target ${bare.name}; at least 99 % must be covered`,
      'Export the dose with a grid that encloses the targets.',
    )
  }
}

/** Treatment of a patient who is not yet planned. */
const noTreatment: PlannedTreatment = {
  prescriptionGy: null,
  doseLevels: 0,
  fractions: null,
  radiation: null,
  technique: null,
}

/** The highest dose in the name of a target: 70 for `PTV70`. */
function prescribedByName(regions: readonly NamedRegion[]): number | null {
  const doses = regions.map(({ name }) => Number(/^PTV[pn]?(\d+(\.\d+)?)/.exec(name)?.[1] ?? 0))
  const highest = Math.max(0, ...doses)
  return highest > 0 ? highest : null
}

function slicesOf({ raster, slices }: CtVolume, dose: SampledDose | null): Slice[] {
  const normal = normalOf(raster)
  const top = slices[0]?.origin ?? [0, 0, 0]
  return slices.map(({ origin, values }, index) => ({
    index,
    positionMm: dot(top, normal) - dot(origin, normal),
    rows: raster.rows,
    columns: raster.columns,
    // Scanners write values below air outside their field; values above the limit are metal.
    ct: values.map((hu) => Math.min(maxHu, Math.max(airHu, hu))),
    // Outside the grid the dose is unknown; an image stores 0 there.
    dose: dose?.slices[index]?.map((gy) => (Number.isNaN(gy) ? 0 : gy)) ?? null,
  }))
}
