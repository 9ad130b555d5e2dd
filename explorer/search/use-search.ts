import { useMemo } from 'preact/hooks'
import { agreement } from '../../src/serve/agreement.js'
import type { SearchAnswer } from '../api.js'
import { useAnswer, type Answered } from '../use-answer.js'
import { searchPath } from './search-path.js'

/**
 * Milliseconds without a change before a search starts, so that only the last position of a moving slider is searched.
 */
const REST = 60

/**
 * The search of an address. The results of the index come first; the exact neighbours, which take a scan, follow, and
 * are compared here.
 */
export function useSearch(
  parameters: URLSearchParams,
  space: string | null,
): Answered<SearchAnswer> {
  const hashed = useAnswer<SearchAnswer>(searchPath(parameters, space), REST)
  const scan = new URLSearchParams(parameters)
  scan.set('stage', 'exact')
  // Only if the shown results belong to the current address, they are worth a scan.
  const shown = hashed.path !== null && hashed.path === searchPath(parameters, space)
  const path = shown && hashed.value !== null ? searchPath(scan, space) : null
  const exact = useAnswer<SearchAnswer>(path)
  const truth = path !== null && exact.path === path ? exact.value : null
  const value = useMemo(() => {
    if (hashed.value === null || truth === null) return hashed.value
    const { rows } = truth.hashed
    return {
      ...hashed.value,
      exact: truth.hashed,
      agreement: agreement(hashed.value.hashed.rows, rows),
    }
  }, [hashed.value, truth])
  return { ...hashed, value, problem: hashed.problem ?? exact.problem }
}
