/**
 * Which measure finds the plan whose dose is most like that of a given one? Reads the plans, structures and
 * features of a database, changes nothing: `DATABASE_URL=… npx tsx test/bench/plans.ts ct_shallow …`
 */
import { sql } from 'kysely'
import { vectorDistance } from '../../src/core/vector.js'
import { openStore, type Store } from '../../src/store/connection/connect.js'
import { criteria, gap } from '../../src/compare/plan-criteria.js'
import { measures, type Measure, type Pair } from './plan-measures.js'
import { mean, spearman, summary } from './plan-statistics.js'

interface Slices {
  readonly plan: number
  readonly patient: number
  readonly vectors: Float32Array[]
  readonly weights: Record<'equal' | 'dose', Float64Array>
}

/** Nearest slices that vote for their plans, when plans are ranked by votes. */
const VOTES = 10
/** The measure with which the others are compared, query by query. */
const BASIS = 'modified Hausdorff (max)'

async function readSlices(store: Store, space: string): Promise<Slices[]> {
  const { rows } = await sql<{
    plan: number
    patient: number
    dose: number
    vector: Float32Array
  }>`select plan.id as plan, plan.patient_id as patient, slice.dose_mean_gy as dose, features.embedding as vector
    from ${sql.table(`space.${space}`)} as features
      join cbir.slice on slice.item_id = features.item_id
      join cbir.plan on plan.id = slice.plan_id
    order by plan.id, slice.index`.execute(store.db)
  const plans = groups(rows, (row) => row.plan)
  return [...plans].map(([plan, slices]) => ({
    plan,
    patient: slices[0]?.patient as number,
    vectors: slices.map(({ vector }) => vector),
    weights: {
      equal: toOne(slices.map(() => 1)),
      dose: toOne(slices.map(({ dose }) => dose)),
    },
  }))
}

function groups<T>(rows: readonly T[], keyOf: (row: T) => number): Map<number, T[]> {
  const found = new Map<number, T[]>()
  for (const row of rows) found.set(keyOf(row), [...(found.get(keyOf(row)) ?? []), row])
  return found
}

function toOne(weights: readonly number[]): Float64Array {
  const sum = weights.reduce((a, b) => a + b, 0)
  return Float64Array.from(weights, (weight) => weight / sum)
}

/** Minus the votes for each plan from the nearest slices of the slices of a query. */
function votes(plans: readonly Slices[], matrix: Matrix, weighing: 'equal' | 'dose') {
  return (query: number): number[] => {
    const won = plans.map(() => 0)
    plans[query]?.weights[weighing].forEach((weight, i) => {
      const others = plans
        .flatMap((other, p) =>
          other.patient === plans[query]?.patient
            ? []
            : other.vectors.map((_, j) => ({ p, distance: matrix(query, p)(i, j) })),
        )
        .sort((a, b) => a.distance - b.distance)
      for (const { p } of others.slice(0, VOTES)) won[p] = (won[p] as number) - weight
    })
    return won
  }
}

type Matrix = (query: number, other: number) => Pair['distance']

function distances(plans: readonly Slices[]): Matrix {
  const blocks = plans.map((a) =>
    plans.map((b) => {
      const block = new Float32Array(a.vectors.length * b.vectors.length)
      let at = 0
      for (const one of a.vectors)
        for (const other of b.vectors) block[at++] = vectorDistance(one, other)
      const width = b.vectors.length
      return (i: number, j: number) => block[i * width + j] as number
    }),
  )
  return (query, other) => blocks[query]?.[other] as Pair['distance']
}

/** For each query, how similar in dose the plans are that a measure ranks first. */
interface Judged {
  readonly measure: string
  readonly weights: string
  /** Dose gap to the nearest plan, and mean gap to the five nearest. */
  readonly first: number[]
  readonly five: number[]
  /** Rank correlation of distances and gaps over all other plans. */
  readonly rank: number[]
}

/** `far` returns distances of all plans to a query; `gaps` are NaN for plans that the query may not find. */
function judge(
  [measure, weights]: readonly [string, string],
  gaps: readonly (readonly number[])[],
  far: (query: number) => readonly number[],
): Judged {
  const judged: Judged = { measure, weights, first: [], five: [], rank: [] }
  gaps.forEach((all, query) => {
    const distance = far(query)
    const others = [...all.keys()].filter((other) => !Number.isNaN(all[other]))
    const order = others
      .sort((a, b) => (distance[a] as number) - (distance[b] as number) || a - b)
      .map((other) => all[other] as number)
    judged.first.push(order[0] as number)
    judged.five.push(mean(order.slice(0, 5)))
    judged.rank.push(
      spearman(
        others.map((other) => distance[other] as number),
        order,
      ),
    )
  })
  return judged
}

async function judgeSpace(store: Store, space: string, doses: Doses): Promise<Judged[]> {
  const plans = await readSlices(store, space)
  const gaps = plans.map((a) =>
    plans.map((b) => (a.patient === b.patient ? NaN : gap(doses(a.plan), doses(b.plan)))),
  )
  const matrix = distances(plans)
  const weighed = (['equal', 'dose'] as const).flatMap((weights) => {
    const by = (measure: Measure) => (query: number) =>
      plans.map((other, p) =>
        measure({
          distance: matrix(query, p),
          rows: plans[query]?.weights[weights] as Float64Array,
          columns: other.weights[weights],
        }),
      )
    return [
      judge(['slice votes', weights], gaps, votes(plans, matrix, weights)),
      ...measures.map(({ name, of }) => judge([name, weights], gaps, by(of))),
    ]
  })
  const expected = gaps.map((all) => mean(all.filter((value) => !Number.isNaN(value))))
  return [
    ...weighed,
    judge(['oracle', ''], gaps, (query) => gaps[query] as number[]),
    { measure: 'random', weights: '', first: expected, five: expected, rank: gaps.map(() => 0) },
  ]
}

type Doses = (plan: number) => ReadonlyMap<string, number>

async function main(spaces: readonly string[]): Promise<void> {
  const store = await openStore(process.env.DATABASE_URL ?? '.pg-lsh')
  const structures = await store.db.selectFrom('cbir.structure').selectAll().execute()
  const known = new Map(
    [...groups(structures, ({ plan_id }) => plan_id)].map(([plan, own]) => [plan, criteria(own)]),
  )
  for (const space of spaces) {
    const judged = await judgeSpace(store, space, (plan) => known.get(plan) ?? new Map())
    const basis = judged.find(({ measure }) => measure === BASIS) as Judged
    console.log(`\n${space}: gap of OpenKBP criteria in Gy, mean (95 %)`)
    console.table(
      judged.map(({ measure, weights, first, five, rank }) => ({
        measure,
        weights,
        nearest: summary(first),
        'five nearest': summary(five),
        'rank correlation': summary(rank),
        'nearest less basis': summary(first.map((value, i) => value - (basis.first[i] as number))),
        'five less basis': summary(five.map((value, i) => value - (basis.five[i] as number))),
      })),
    )
  }
  await store.close()
}

await main(process.argv.slice(2))
