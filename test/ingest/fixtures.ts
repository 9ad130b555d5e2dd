import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { listOpenKbp, type OpenKbpSource } from '../../src/ingest/openkbp/openkbp.js'
import { writeOpenKbp } from '../../src/ingest/openkbp/writer.js'
import { emptyVolume, type PlanVolume } from '../../src/ingest/volume/volume.js'

/** Index of the voxel in row i, column j, slice k. */
export function voxel(i: number, j: number, k: number): number {
  return i * 16384 + j * 128 + k
}

export interface TinyVolumeOptions {
  /** First of the two slices with body. (Default: 60) */
  k?: number
  /** Dose in the target in Gy. (Default: 70) */
  gy?: number
  /** Names of the target structures. (Default: PTV70) */
  targets?: readonly string[]
}

/**
 * A body of 12 x 12 voxels of 10 mm in two slices, with a target of 4 x 4 x 2 voxels in its middle and a cord of 2 x 2
 * x 2 behind it. Its files have a few hundred lines.
 */
export function tinyVolume(options: TinyVolumeOptions = {}): PlanVolume {
  const { k = 60, gy = 70, targets = ['PTV70'] } = options
  const volume = emptyVolume([10, 10, 2.5])
  const masks = new Map<string, Uint8Array>()
  for (const name of [...targets, 'SpinalCord']) masks.set(name, new Uint8Array(volume.ct.length))
  for (const slice of [k, k + 1])
    for (let i = 50; i < 62; i++)
      for (let j = 60; j < 72; j++) {
        const v = voxel(i, j, slice)
        const inTarget = i >= 54 && i < 58 && j >= 64 && j < 68
        const inCord = i >= 59 && i < 61 && j >= 65 && j < 67
        volume.ct[v] = i === 50 ? -100 : 40 + j
        volume.doseMask[v] = 1
        volume.dose[v] = inTarget ? gy : inCord ? 20 : 30
        if (inTarget) for (const name of targets) (masks.get(name) as Uint8Array)[v] = 1
        if (inCord) (masks.get('SpinalCord') as Uint8Array)[v] = 1
      }
  return { ...volume, masks }
}

/** A folder that is removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pg-lsh-ingest-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

/** Writes plans as `provided-data/<group>/<patient>` and returns the folder that contains provided-data. */
export async function writeTree(plans: Readonly<Record<string, PlanVolume>>): Promise<string> {
  const root = await temporaryFolder()
  for (const [key, volume] of Object.entries(plans))
    await writeOpenKbp(volume, join(root, 'provided-data', ...key.split('/')))
  return root
}

/** The folder in which `written` puts its plan. */
export const key = 'train-pats/pt_7'

/** Writes a plan, alone in its tree. */
export async function written(volume = tinyVolume()): Promise<OpenKbpSource> {
  const [source] = await listOpenKbp(await writeTree({ [key]: volume }))
  return source as OpenKbpSource
}

/** Changes one file of a written plan; `null` removes it. */
export async function changed(name: string, change: (text: string) => string | Buffer | null) {
  const source = await written()
  const path = join(source.folder, name)
  const text = change(await readFile(path, 'utf8').catch(() => ''))
  await (text === null ? rm(path) : writeFile(path, text))
  return source
}
