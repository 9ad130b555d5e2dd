import { Matrix } from 'ml-matrix'
import { leadingEigenvectors } from './leading-eigenvectors.js'

/** Rows less their number of groups that tell how rows of a group differ. */
const LEAST_PAIRS = 20

/**
 * One axis fewer than there are classes, along which they are farthest apart against their own scatter (Fisher, Annals of
 * Eugenics 1936); null without two classes.
 *
 * @param label -1 of a row without a class
 * @param shrinkage share of the scatter that is taken to be the same in all directions
 */
export function classDiscriminants(
  rows: Matrix,
  label: Int32Array,
  shrinkage: number,
): Matrix | null {
  const members = membersOf(label)
  members.delete(-1)
  const within = withinGroups(rows, label)
  if (members.size < 2 || !within) return null
  const whitening = rootOfInverse(shrunk(within, shrinkage))
  const means = new Matrix([...members.values()].map((places) => meanOf(rows, places))).mmul(
    whitening,
  )
  means.center('column')
  return whitening.mmul(leadingEigenvectors(gram(means), Math.min(members.size - 1, rows.columns)))
}

/** Mean scatter about the means of groups of several rows; null of fewer than twenty rows beyond one a group. */
export function withinGroups(rows: Matrix, group: Int32Array): Matrix | null {
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
export function shrunk(scatter: Matrix, share: number): Matrix {
  const mean = scatter.trace() / scatter.rows
  return Matrix.mul(scatter, 1 - share).add(
    Matrix.eye(scatter.rows).mul(Math.max(1e-12, share * mean)),
  )
}

/** The map that makes a scatter the same in all directions. */
export function rootOfInverse(scatter: Matrix): Matrix {
  const axes = leadingEigenvectors(scatter, scatter.rows)
  const values = axes.transpose().mmul(scatter).mmul(axes).diagonal()
  return axes.mulRowVector(values.map((value) => 1 / Math.sqrt(value)))
}

function gram(rows: Matrix): Matrix {
  return rows.transpose().mmul(rows)
}

/**
 * Columns of several maps side by side, each multiplied so that rows have the same total variance by it, and that its weight
 * times.
 *
 * @param rows centred
 */
export function mapsSideBySide(
  rows: Matrix,
  parts: readonly { readonly map: Matrix; readonly weight: number }[],
): Matrix {
  const scaled = parts.map(({ map, weight }) =>
    Matrix.mul(map, weight / Math.sqrt(Math.max(1e-12, totalVariance(rows.mmul(map))))),
  )
  return sideBySide(scaled)
}

function totalVariance(rows: Matrix): number {
  return rows.to1DArray().reduce((sum, value) => sum + value * value, 0) / rows.rows
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
