import type { PredictionEvaluation } from '../../compare/prediction/prediction-quality.js'
import type { SpaceQuality } from '../../compare/space-quality.js'
import type { StoredEvaluation } from '../../compare/stored-evaluations.js'
import { fixed, plain } from '../drawing/format.js'
import { intervalText } from '../drawing/intervals.js'
import { markup } from '../drawing/markup.js'
import type { Markup } from '../drawing/markup.js'

/** The results in one paragraph. */
export function renderSummary(evaluation: StoredEvaluation, several: boolean): Markup {
  const { id, spaces, across_patients } = evaluation
  const sentences = [
    ...predictionSentences(across_patients.predictions ?? null),
    ...levelSentences(across_patients.spaces),
    ...codeSentences(spaces),
  ]
  if (sentences.length === 0) return markup``
  const opening = several
    ? markup`<strong>Run ${id}.</strong> `
    : markup`<strong>In short.</strong> `
  return markup`<p class="summary">${opening}${sentences.join(' ')}</p>`
}

function predictionSentences(predictions: PredictionEvaluation | null): string[] {
  const own = predictions?.methods.find(({ by }) => by === predictions.reference)
  if (!predictions || !own) return []
  const { dose_score_gy: dose, dvh_score_gy: dvh, gamma_pass: gamma } = own
  const blind = predictions.methods.find(({ by }) => by === 'random')
  const oracle = predictions.methods.find(({ by }) => by === 'oracle')
  const bounds = [
    ...(blind ? [`${fixed(blind.dose_score_gy.mean, 2)} Gy for random plans`] : []),
    ...(oracle ? [`${fixed(oracle.dose_score_gy.mean, 2)} Gy for the plans nearest in dose`] : []),
  ]
  return [
    `The doses of the ${plain(own.k)} plans nearest in ${own.by}, which does not need the dose of the query plan, predict the dose of a plan within ${fixed(dose.mean, 2)} Gy (dose score, 95 % ${intervalText(dose, 2)}), its dose criteria within ${fixed(dvh.mean, 2)} Gy (DVH score, ${intervalText(dvh, 2)}), and ${fixed(100 * gamma.mean, 0)} % of its voxels within 3 % and 3 mm, over ${plain(own.plans)} query plans.`,
    ...(bounds.length > 0 ? [`The dose score is ${bounds.join(' and ')}.`] : []),
  ]
}

function levelSentences(spaces: readonly SpaceQuality[]): string[] {
  const measured = spaces.filter(
    ({ space, level_error_mm }) =>
      level_error_mm !== null && space !== 'random' && space !== 'oracle',
  )
  const [first, ...others] = measured
  if (!first) return []
  const best = others.reduce((a, b) => (b.level_error_mm! < a.level_error_mm! ? b : a), first)
  return [
    `The nearest slice of another patient is ${fixed(best.level_error_mm!, 1)} mm from the level of the query (median) in ${best.space}, the best space by this measure.`,
  ]
}

function codeSentences(spaces: StoredEvaluation['spaces']): string[] {
  const searched = spaces.flatMap(({ space, search }) =>
    search.filter(({ stage }) => stage === 'buckets').map((cost) => ({ space, cost })),
  )
  const [first, ...others] = searched
  if (!first) return []
  const best = others.reduce((a, b) => (b.cost.recall.mean > a.cost.recall.mean ? b : a), first)
  const { recall, visited_share, median_ms } = best.cost
  return [
    `A search by codes in ${best.space} finds ${fixed(100 * recall.mean, 0)} % of the true neighbours in ${fixed(median_ms, 1)} ms and visits ${fixed(100 * visited_share, 0)} % of the codes.`,
  ]
}
