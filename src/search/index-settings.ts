import type { OpenIndex } from './open-index.js'

/** Neighbours for which the settings of an index are measured; they are measured again for ten times as many. */
const MEASURED_FOR = 10

type Settings = Pick<OpenIndex, 'settings' | 'probes' | 'candidates' | 'measured'>

/**
 * Probes and candidates of a search for `k` neighbours, as in `lsh_internal.probes_for` and
 * `lsh_internal.candidates_for`. There are more than the index has if its settings were measured for fewer neighbours.
 */
export function indexSettings(
  { settings, probes, candidates, measured }: Settings,
  k: number,
): { probes: number; candidates: number } {
  if (settings !== 'measured' || k <= MEASURED_FOR)
    return { probes, candidates: Math.max(candidates, k) }
  const more = k / MEASURED_FOR
  const power = Math.log10(more)
  const grown = (setting: number, tenfold: number | undefined, bend: number, usual: number) => {
    if (tenfold === undefined) return setting * more ** usual
    if (power < 1) return setting * (tenfold / setting) ** (power ** bend)
    return tenfold * (k / (10 * MEASURED_FOR)) ** Math.max(1, Math.log10(tenfold / setting))
  }
  return {
    probes: Math.min(65_536, Math.ceil(grown(probes, measured?.[2], 1.5, 0.5))),
    candidates: Math.min(1_000_000, Math.ceil(Math.max(k, grown(candidates, measured?.[3], 1, 1)))),
  }
}

/**
 * Probes of a search for `k` of the rows that pass a condition, by the share of rows that pass, as in
 * `lsh_internal.probes_among`: the nearest `k` of them lie in as many buckets as the nearest `k / passing` of all rows.
 */
export function probesAmong(index: Settings, k: number, passing: number): number {
  return index.settings === 'measured'
    ? indexSettings(index, Math.max(MEASURED_FOR, k) / passing).probes
    : Math.min(65_536, Math.round(index.probes / Math.sqrt(passing)))
}
