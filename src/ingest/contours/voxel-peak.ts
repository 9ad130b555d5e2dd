import type { Cells } from './region-cells.js'
import type { Cutting } from './region-layers.js'

/** Finds the highest dose of a region. */
export interface VoxelPeak {
  /** Adds a layer; those of an image must follow each other. */
  add(cells: Cells): void
  highestGy(): number
}

/** A region of fewer voxels, or of less volume, is small: a voxel is too coarse for its highest dose. */
const small = { voxels: 20, cc: 1 } as const
/** Voxels and cells count of which so much lies inside. */
const inside = 0.5 - 1e-6

/**
 * The highest dose of a region is that of a voxel, the mean over what of it lies inside, as planning systems
 * give it: a single point between voxels has none that a plan could be held to. Of a small region, such as a
 * lens, an optic nerve or a cochlea, it is that of a cell. Counted are voxels and cells that lie inside by half or
 * more, or all where there is none. The histogram, which counts cells, may end higher by what the dose
 * grows across half a voxel.
 */
export function voxelPeak({ across, down, along, grid }: Cutting): VoxelPeak {
  const columns = grid.columns / across
  const each = 1 / (across * down * along)
  const [cell, voxel] = [{ inside: 0, any: 0 }, { inside: 0 }]
  let [voxels, cc, image] = [0, 0, -1]
  /** Of each voxel of the image by its number: what part is inside and has a dose, and that dose times that part. */
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
