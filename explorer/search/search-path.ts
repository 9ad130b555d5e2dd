import { addressOf } from '../address.js'

/** Parameters of an address that go to the server as they are. */
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

/** What the server is asked for an address; null while nothing is searched with. */
export function searchPath(parameters: URLSearchParams, space: string | null): string | null {
  if (space === null || !(parameters.has('item') || parameters.has('upload'))) return null
  const passed: Record<string, string | null> = { space, exact: 'false' }
  for (const name of PASSED) passed[name] = parameters.get(name)
  return addressOf('/search', passed)
}
