import { Matrix } from 'ml-matrix'
import {
  classDiscriminants,
  mapsSideBySide,
  rootOfInverse,
  shrunk,
  withinGroups,
} from '../../core/discriminants.js'
import { leadingEigenvectors } from '../../core/leading-eigenvectors.js'
import type { PictureGroups } from '../frames/picture-groups.js'

/** Of the variance within sources, and within classes, what is taken to be the same in all directions. */
const SOURCE_SHRINKAGE = 0.05
const CLASS_SHRINKAGE = 0.007
/** Spread of the classes against that of all else. */
const CLASS_WEIGHT = 0.65

/**
 * The linear map after which versions of a source lie near each other, and classes apart: whitens the scatter within sources,
 * where sources have several rows, adds Fisher's discriminants of the classes, where there are any, to one total variance
 * each, and turns all to its principal axes.
 *
 * @param rows centred, one each
 * @param count columns of the map at most
 * @returns map whose columns are axes, those of most variance first
 */
export function fisherProjection(rows: Matrix, groups: PictureGroups, count: number): Matrix {
  const whitening = sourceWhitening(rows, groups.source)
  const discriminants = classDiscriminants(rows, groups.label, CLASS_SHRINKAGE)
  const both = mapsSideBySide(rows, [
    { map: whitening, weight: 1 },
    ...(discriminants ? [{ map: discriminants, weight: CLASS_WEIGHT }] : []),
  ])
  const spread = rows.mmul(both)
  const scatter = spread.transpose().mmul(spread).div(rows.rows)
  return both.mmul(leadingEigenvectors(scatter, Math.min(count, both.columns)))
}

/** Turns the scatter within sources to the same in all directions; nothing where too few sources have several rows. */
function sourceWhitening(rows: Matrix, source: Int32Array): Matrix {
  const within = withinGroups(rows, source)
  if (!within) return Matrix.eye(rows.columns)
  return rootOfInverse(shrunk(within, SOURCE_SHRINKAGE))
}
