import { useMemo } from 'preact/hooks'
import { agreement } from '../../src/serve/agreement.js'
import type { SearchAnswer } from '../api.js'
import { useAnswer, type Answered } from '../use-answer.js'
import { searchPath } from './search-path.js'

/** Milliseconds that controls have to rest: of a slider that is drawn, the last place is searched. */
const REST = 60

/**
 * The search of an address. What the index finds is there first; the exact neighbours, which take a scan, come after it and
 * are compared here.
 */
export function useSearch(
  parameters: URLSearchParams,
  space: string | null,
): Answered<SearchAnswer> {
  const hashed = useAnswer<SearchAnswer>(searchPath(parameters, space), REST)
  const scan = new URLSearchParams(parameters)
  scan.set('stage', 'exact')
  // What is shown is what was asked for last: then it is worth a scan.
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
