import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { planFiles } from '../openkbp/folder.js'
import type { OpenKbpSource } from '../openkbp/list.js'
import { widened, type RoughPlan, type RoughStructure } from './rough-figures.js'

/** Voxels that structures list, and their doses, parsed with nothing but lines and numbers. */
export async function roughOpenKbp(source: OpenKbpSource): Promise<RoughPlan> {
  const { folder } = source
  const { files } = await planFiles(source)
  const linesOf = async (name: string) => {
    const text = await readFile(join(folder, name), 'utf8')
    return text.split(/\r?\n/).filter((line) => /^\d/.test(line))
  }
  const doses = new Map<number, number>()
  let highestGy = 0
  for (const line of files.dose === null ? [] : await linesOf(files.dose)) {
    const [voxel, gy] = line.split(',')
    doses.set(Number(voxel), Number(gy))
    highestGy = Math.max(highestGy, Number(gy))
  }
  const sizes = (await readFile(join(folder, files.voxel), 'utf8')).match(/\d+\.?\d*(e[+-]?\d+)?/gi)
  const voxelCc = (sizes ?? []).slice(-3).reduce((product, mm) => product * Number(mm), 1) / 1000
  // If there is a header, the sizes are preceded by the numbers 0, 1 and 2.
  const isPlain = sizes?.length === 3
  const structures: RoughStructure[] = []
  for (const [name, file] of files.structures) {
    const voxels = (await linesOf(file)).map((line) => Number(line.split(',')[0]))
    const gy = voxels.map((voxel) => doses.get(voxel) ?? 0)
    const most = gy.reduce((highest, value) => Math.max(highest, value), 0)
    const mean = gy.reduce((sum, value) => sum + value, 0) / gy.length
    const dosed = files.dose !== null
    structures.push({
      name,
      volumeCc: isPlain ? widened([voxels.length * voxelCc], 0.001, 0.001) : null,
      meanGy: dosed ? widened([mean], 0.001, 0.01) : null,
      highestGy: dosed ? most * 1.001 + 0.01 : null,
    })
  }
  return { structures, highestGy: files.dose === null ? null : highestGy }
}
