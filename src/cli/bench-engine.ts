// What "pg-lsh bench" measures: handed to the benchmarks, which are run from their sources, as it stands in the
// package, where it hashes in threads.
export { openIndex } from '../search/open-index.js'
export { prepareNearest } from '../search/prepare-nearest.js'
export { createFamilyOf } from '../store/create-index.js'
export { fillIndex } from '../store/fill-index.js'
export { loadVectors } from '../store/load-vectors.js'
