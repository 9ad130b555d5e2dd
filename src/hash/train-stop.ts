import type { CodeDirections } from './code-directions.js'
import type { Agreement } from './train-agreement.js'

/** Remembers the best directions so far. */
export interface EarlyStop {
  /** Evaluates directions, in units of the training set; false after several evaluations without improvement. */
  goesOn(step: number, code: CodeDirections): boolean
  best(): { readonly step: number; readonly agreement: number; readonly code: CodeDirections }
}

/** Evaluations without improvement after which a training ends. */
const PATIENCE = 4

/** Starts from directions whose agreement on held-out rows is known. */
export function earlyStop(agreement: Agreement, code: CodeDirections, known: number): EarlyStop {
  let best = { step: 0, agreement: known, code: copied(code) }
  let waited = 0
  return {
    goesOn(step, code) {
      const reached = agreement(code)
      waited++
      if (reached > best.agreement) {
        best = { step, agreement: reached, code: copied(code) }
        waited = 0
      }
      return waited < PATIENCE
    },
    best: () => best,
  }
}

function copied({ weight, phase, threshold }: CodeDirections): CodeDirections {
  return { weight: weight.slice(), phase: phase?.slice() ?? null, threshold: threshold.slice() }
}
