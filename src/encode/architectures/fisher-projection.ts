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

/** Shares of the scatter within sources, and within classes, that are assumed to be equal in all directions. */
const SOURCE_SHRINKAGE = 0.05
const CLASS_SHRINKAGE = 0.007
/** Spread of the discriminants of the classes relative to that of the other columns. */
const CLASS_WEIGHT = 0.65

/**
 * A linear map that brings versions of one source together and separates classes. It whitens the scatter within
 * sources, if sources have several rows; appends Fisher's discriminants of the classes, if there are any, with a fixed
 * total variance; and rotates the result to its principal axes.
 *
 * @param rows centred vectors, one per row
 * @param count most columns of the map
 * @returns map whose columns are axes, largest variance first
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

/** Makes the scatter within sources equal in all directions; the identity if too few sources have several rows. */
function sourceWhitening(rows: Matrix, source: Int32Array): Matrix {
  const within = withinGroups(rows, source)
  if (!within) return Matrix.eye(rows.columns)
  return rootOfInverse(shrunk(within, SOURCE_SHRINKAGE))
}
