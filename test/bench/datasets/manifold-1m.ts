import { manifold } from './manifold.js'

/** A million rows, as many as a clinic has slices, of 128 dimensions. */
export const manifold1m = manifold({
  name: 'manifold-1m',
  rows: 1_000_000,
  dims: 128,
  inner: 24,
  centres: 2000,
  layer: 96,
  noise: 0.15,
})
