import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '../../core/make-folder.js'
import { airHu, type PlanVolume } from '../volume/volume.js'

/** Writes a volume as a plan folder of OpenKBP, which it creates; parts that the volume lacks are left out. */
export async function writeOpenKbp(volume: PlanVolume, folder: string): Promise<void> {
  const { ct, dose, doseMask, masks, voxelMm } = volume
  await makeFolder(folder)
  const write = (name: string, text: string) => writeFile(join(folder, name), text)
  await write('voxel_dimensions.csv', voxelMm.map((mm) => `${mm.toExponential(18)}\n`).join(''))
  await write(
    'ct.csv',
    sparseText(listed(ct, airHu), (v) => `${(ct[v] as number) - airHu}.0`),
  )
  if (doseMask !== null) {
    const dosed = listed(doseMask, 0)
    if (dose !== null)
      await write(
        'dose.csv',
        sparseText(dosed, (v) => shortFloat(dose[v] as number)),
      )
    await write(
      'possible_dose_mask.csv',
      sparseText(dosed, () => ''),
    )
  }
  for (const [name, mask] of masks)
    await write(
      `${name}.csv`,
      sparseText(listed(mask, 0), () => ''),
    )
}

/** Indices of the voxels that differ from the background. */
function listed(raster: Int16Array | Uint8Array, background: number): number[] {
  const voxels: number[] = []
  for (let v = 0; v < raster.length; v++) if (raster[v] !== background) voxels.push(v)
  return voxels
}

function sparseText(voxels: readonly number[], value: (voxel: number) => string): string {
  return `,data\n${voxels.map((v) => `${v},${value(v)}\n`).join('')}`
}

/** Nine digits reproduce a 32-bit float exactly. */
function shortFloat(value: number): string {
  return String(Number(value.toPrecision(9)))
}
