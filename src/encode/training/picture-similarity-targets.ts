import type { PictureGroups } from '../frames/picture-groups.js'
import type { SimilarityTargets } from './similarity-targets.js'

/**
 * Similarity of the frames of a batch. Frames of one source are similar, and so are frames of one class. If a frame has
 * others of both kinds in the batch, each kind shares one half, whatever its number, so that the few versions of a source
 * stay nearer than the many members of its class.
 */
export function pictureSimilarityTargets(
  chosen: Int32Array,
  { source, label }: PictureGroups,
): SimilarityTargets {
  const count = chosen.length
  const shares = new Float32Array(count * count)
  const mask = new Float32Array(count * count)
  for (let i = 0; i < count; i++) {
    mask[i * count + i] = -1e9
    const own = chosen[i]!
    const others = Array.from({ length: count }, (_, j) => j).filter((j) => j !== i)
    const twins = others.filter((j) => source[chosen[j]!] === source[own])
    const fellows = others.filter((j) => label[own]! >= 0 && label[chosen[j]!] === label[own])
    const kinds = [twins, fellows].filter((kind) => kind.length > 0)
    for (const kind of kinds)
      for (const j of kind) shares[i * count + j]! += 1 / (kinds.length * kind.length)
  }
  return { shares, mask }
}
