import type { Cells } from './region-cells.js'
import type { Cutting } from './region-layers.js'

/** Finds the highest dose of a region. */
export interface VoxelPeak {
  /** Adds a layer; layers of one image must be consecutive. */
  add(cells: Cells): void
  highestGy(): number
}

/** Below these sizes a region is small: a voxel is too coarse for its highest dose. */
const small = { voxels: 20, cc: 1 } as const
/** Least share of a voxel or cell that must be inside for it to count. */
const inside = 0.5 - 1e-6

/**
 * The highest dose of a region is that of a voxel, averaged over the part that is inside, as planning systems report
 * it: a plan cannot be held to a point between voxels. For a small region, such as a lens, an optic nerve or a cochlea,
 * it is the highest dose of a cell. Voxels and cells count if at least half of them is inside, or all if there is none.
 * The histogram counts cells and may extend further, by the increase of the dose over half a voxel.
 */
export function voxelPeak({ across, down, along, grid }: Cutting): VoxelPeak {
  const columns = grid.columns / across
  const each = 1 / (across * down * along)
  const [cell, voxel] = [{ inside: 0, any: 0 }, { inside: 0 }]
  let [voxels, cc, image] = [0, 0, -1]
  /**
   * For each voxel of the image by its index: the share that is inside with a known dose, and the dose times that
   * share.
   */
  let sums = new Map<number, { part: number; gy: number }>()

  function finish(): void {
    for (const { part, gy } of sums.values())
      if (part >= inside) voxel.inside = Math.max(voxel.inside, gy / part)
    sums = new Map()
  }

  function addTo(key: number, part: number, gy: number): void {
    const sum = sums.get(key)
    if (sum === undefined) sums.set(key, { part, gy: gy * part })
    else {
      sum.part += part
      sum.gy += gy * part
    }
  }

  return {
    add(cells) {
      if (cells.image !== image) finish()
      image = cells.image
      for (let y = 0, i = 0; y < cells.rows; y++) {
        const row = Math.floor((cells.row + y) / down) * columns
        for (let x = 0; x < cells.columns; x++, i++) {
          const share = cells.share[i]!
          if (share === 0) continue
          voxels += share * each
          cc += share * cells.eachCc
          const gy = cells.gy[i]!
          if (!(gy >= 0)) continue
          if (gy > cell.any) cell.any = gy
          if (share >= inside && gy > cell.inside) cell.inside = gy
          if (each < 1) addTo(row + Math.floor((cells.column + x) / across), share * each, gy)
        }
      }
    },
    highestGy() {
      finish()
      // Cells that are voxels need no sums.
      const highest = each < 1 ? voxel.inside : cell.inside
      if (voxels >= small.voxels && cc >= small.cc && highest > 0) return highest
      return cell.inside > 0 ? cell.inside : cell.any
    },
  }
}
