import { addressOf } from '../address.js'

/** Parameters of an address that are sent to the server unchanged. */
const PASSED = [
  'item',
  'upload',
  'index',
  'k',
  'stage',
  'ranking',
  'candidates',
  'probes',
  'samePatient',
  'onePerPatient',
  'dataset',
  'site',
  'structure',
  'minPrescription',
  'maxPrescription',
  'minVolume',
  'maxVolume',
  'label',
] as const

export const FILTERS: readonly string[] = PASSED.slice(PASSED.indexOf('dataset'))

/** The request for an address; null without a query. */
export function searchPath(parameters: URLSearchParams, space: string | null): string | null {
  if (space === null || !(parameters.has('item') || parameters.has('upload'))) return null
  const passed: Record<string, string | null> = { space, exact: 'false' }
  for (const name of PASSED) passed[name] = parameters.get(name)
  return addressOf('/search', passed)
}
