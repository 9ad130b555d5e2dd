import { nearestQuery, type Method } from './method.js'

/** A scan of the whole table, by as many workers as the server gives it. */
export const exact: Method = {
  name: 'exact',
  indexed: false,
  build: () => Promise.resolve(),
  bytes: () => Promise.resolve(0),
  settings: (subject) => [{ name: 'scan', session: [], ...nearestQuery(subject) }],
  queries: 100,
}
