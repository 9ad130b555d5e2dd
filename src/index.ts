export * from './lsh.js'
export type { Radiation, SliceImage, Technique } from './core/plan.js'
export type {
  DvhView,
  EvaluationFiguresView,
  EvaluationRetrievalView,
  EvaluationSearchesView,
  PicturesView,
  PlansView,
  SlicesView,
  StructuresView,
} from './store/connection/views.js'
export {
  matchedSlices,
  similarPlans,
  type MatchedSlice,
  type MatchedSlicesOptions,
  type PlanCondition,
  type SimilarPlan,
  type SimilarPlansOptions,
  type SliceWeights,
} from './search/similar-plans.js'
export { encodeQuery, type EncodedQuery } from './search/encode-query.js'
export type { Morphology, Raster } from './core/picture.js'
export { openSpace, type OpenSpace } from './search/open-space.js'
export type { HuWindow } from './ingest/volume/grey-window.js'
export type {
  DicomImageFile,
  ImageFile,
  NeuronFile,
  PngImageFile,
  QueryImage,
} from './search/query-image.js'
export type { SliceWithAny } from './encode/frames/frame.js'
export type { SliceStructures, StructureMask } from './core/slice-structures.js'
export {
  similarSlices,
  similarSlicesExact,
  slicesLike,
  type SimilarSlice,
  type SimilarSlicesOptions,
  type SliceCondition,
} from './search/similar-slices.js'
export type { NeighbourItem } from './search/neighbour.js'
export { compareSpace, type ComparedQuery, type CompareOptions } from './compare/compare-space.js'
