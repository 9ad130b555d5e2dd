import type { OpenIndex } from './open-index.js'

/** Neighbours for which the settings of an index are measured. */
const MEASURED_FOR = 10

/**
 * Probes and candidates of a search for `k` neighbours, as in `lsh_internal.probes_for` and
 * `lsh_internal.candidates_for`. There are more than the index has if its settings were measured for fewer neighbours.
 */
export function indexSettings(
  { settings, probes, candidates }: Pick<OpenIndex, 'settings' | 'probes' | 'candidates'>,
  k: number,
): { probes: number; candidates: number } {
  if (settings !== 'measured' || k <= MEASURED_FOR)
    return { probes, candidates: Math.max(candidates, k) }
  const more = k / MEASURED_FOR
  return {
    probes: Math.min(65_536, Math.ceil(probes * Math.sqrt(more))),
    candidates: Math.min(1_000_000, Math.ceil(candidates * more)),
  }
}
