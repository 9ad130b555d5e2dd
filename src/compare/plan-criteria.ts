import type { StructureFigures } from '../store/plans/plan-structures.js'

/** A structure with a volume and known dose. */
type DosedStructure = StructureFigures & {
  volume_cc: number
  mean_gy: number
  dvh: number[]
  dvh_bin_gy: number
}

export function isDosed(structure: StructureFigures): structure is DosedStructure {
  return structure.dvh !== null && structure.volume_cc !== null && structure.volume_cc > 0
}

/** DVH criteria of OpenKBP by `structure criterion`, in Gy. */
export function criteria(structures: readonly StructureFigures[]): Map<string, number> {
  return new Map(
    structures.filter(isDosed).flatMap((one) => {
      const named: [string, number][] =
        one.role === 'organ'
          ? [
              ['D0.1cc', doseAt(one, Math.min(1, 0.1 / one.volume_cc))],
              ['mean', one.mean_gy],
            ]
          : [0.01, 0.95, 0.99].map((share) => [`D${100 * share}`, doseAt(one, share)])
      return named.map(([name, gy]): [string, number] => [`${one.name} ${name}`, gy])
    }),
  )
}

/** Least dose of the hottest share of a structure, interpolated between the bins of its histogram. */
function doseAt({ dvh, dvh_bin_gy: bin }: DosedStructure, share: number): number {
  const after = dvh.findIndex((volume) => volume < share)
  if (after <= 0) return after === 0 ? 0 : (dvh.length - 1) * bin
  const [above, below] = [dvh[after - 1] as number, dvh[after] as number]
  return bin * (after - 1 + (above - share) / (above - below))
}

/** Mean absolute difference over the criteria that both plans have. */
export function gap(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  const both = [...a].filter(([name]) => b.has(name))
  return (
    both.reduce((sum, [name, gy]) => sum + Math.abs(gy - (b.get(name) as number)), 0) / both.length
  )
}
