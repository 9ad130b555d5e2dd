import { manifold } from './manifold.js'

/** Wide vectors, as from large encoders: few rows fit on a page. */
export const manifold768 = manifold({
  name: 'manifold-768',
  rows: 150_000,
  dims: 768,
  inner: 32,
  centres: 3000,
  layer: 256,
  noise: 0.3,
})
