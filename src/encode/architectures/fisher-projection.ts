import { Matrix } from 'ml-matrix'
import { leadingEigenvectors } from '../../core/leading-eigenvectors.js'
import type { PictureGroups } from '../frames/picture-groups.js'

/** Of the variance within sources, and within classes, what is taken to be the same in all directions. */
const SOURCE_SHRINKAGE = 0.05
const CLASS_SHRINKAGE = 0.02
/** Rows less their number of sources that tell how versions of a source differ. */
const LEAST_PAIRS = 20
/** Spread of the classes against that of all else. */
const CLASS_WEIGHT = 0.8

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
  const discriminants = classDiscriminants(rows, groups.label)
  const spread = (map: Matrix) => 1 / Math.sqrt(Math.max(1e-12, totalVariance(rows.mmul(map))))
  const parts = [Matrix.mul(whitening, spread(whitening))]
  if (discriminants) parts.push(Matrix.mul(discriminants, CLASS_WEIGHT * spread(discriminants)))
  const both = sideBySide(parts)
  const scatter = gram(rows.mmul(both)).div(rows.rows)
  return both.mmul(leadingEigenvectors(scatter, Math.min(count, both.columns)))
}

/** Turns the scatter within sources to the same in all directions; nothing where too few sources have several rows. */
function sourceWhitening(rows: Matrix, source: Int32Array): Matrix {
  const within = withinGroups(rows, source)
  if (!within) return Matrix.eye(rows.columns)
  return rootOfInverse(shrunk(within, SOURCE_SHRINKAGE))
}

/** One axis fewer than there are classes, along which they are farthest apart against their own scatter; null without two classes. */
function classDiscriminants(rows: Matrix, label: Int32Array): Matrix | null {
  const members = membersOf(label)
  members.delete(-1)
  const within = withinGroups(rows, label)
  if (members.size < 2 || !within) return null
  const whitening = rootOfInverse(shrunk(within, CLASS_SHRINKAGE))
  const means = new Matrix([...members.values()].map((places) => meanOf(rows, places))).mmul(
    whitening,
  )
  means.center('column')
  return whitening.mmul(leadingEigenvectors(gram(means), Math.min(members.size - 1, rows.columns)))
}

/** Mean scatter about the means of groups of several rows; null of fewer than twenty rows beyond one a group. */
function withinGroups(rows: Matrix, group: Int32Array): Matrix | null {
  const members = membersOf(group)
  members.delete(-1)
  const sum = Matrix.zeros(rows.columns, rows.columns)
  let free = 0
  for (const places of members.values()) {
    if (places.length < 2) continue
    free += places.length - 1
    const mean = meanOf(rows, places)
    const own = new Matrix(
      places.map((place) => rows.getRow(place).map((value, d) => value - mean[d]!)),
    )
    sum.add(gram(own))
  }
  return free < LEAST_PAIRS ? null : sum.div(free)
}

function membersOf(group: Int32Array): Map<number, number[]> {
  const members = new Map<number, number[]>()
  group.forEach((name, place) => {
    const own = members.get(name)
    if (own) own.push(place)
    else members.set(name, [place])
  })
  return members
}

function meanOf(rows: Matrix, places: readonly number[]): number[] {
  const mean = new Array<number>(rows.columns).fill(0)
  for (const place of places)
    for (let d = 0; d < mean.length; d++) mean[d]! += rows.get(place, d) / places.length
  return mean
}

/** Nearer to a multiple of the identity, as few rows tell little of directions in which they hardly differ. */
function shrunk(scatter: Matrix, share: number): Matrix {
  const mean = scatter.trace() / scatter.rows
  return Matrix.mul(scatter, 1 - share).add(
    Matrix.eye(scatter.rows).mul(Math.max(1e-12, share * mean)),
  )
}

function rootOfInverse(scatter: Matrix): Matrix {
  const axes = leadingEigenvectors(scatter, scatter.rows)
  const values = axes.transpose().mmul(scatter).mmul(axes).diagonal()
  return axes.mulRowVector(values.map((value) => 1 / Math.sqrt(value)))
}

function totalVariance(rows: Matrix): number {
  return rows.to1DArray().reduce((sum, value) => sum + value * value, 0) / rows.rows
}

function gram(rows: Matrix): Matrix {
  return rows.transpose().mmul(rows)
}

function sideBySide(parts: readonly Matrix[]): Matrix {
  const [first, ...more] = parts as [Matrix, ...Matrix[]]
  return more.reduce((all, part) => {
    const wider = Matrix.zeros(all.rows, all.columns + part.columns)
    wider.setSubMatrix(all, 0, 0)
    wider.setSubMatrix(part, 0, all.columns)
    return wider
  }, first)
}
