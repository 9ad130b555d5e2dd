import { sql } from 'kysely'
import type { z } from '@hono/zod-openapi'
import { similarPlans } from '../search/similar-plans.js'
import type { Store } from '../store/connection/connect.js'
import { filterJson, planConditions } from './conditions.js'
import { readPlans } from './read-plans.js'
import { literal } from './search-text.js'
import type { similarPlansParameters } from './schemas/parameters.js'
import type { similarPlansSchema } from './schemas/plan-answers.js'

type Asked = z.infer<typeof similarPlansParameters>

/** The plans most similar to a plan, with their facts, and the statement that finds them. */
export async function answerSimilarPlans(
  store: Store,
  plan: number,
  asked: Asked,
): Promise<z.infer<typeof similarPlansSchema>> {
  const { k, weights, samePatient } = asked
  const { rows } = await sql<{ space: string }>`
    select coalesce(${asked.space ?? null}::text, cbir.plan_space(${plan}::int)) as space`.execute(
    store.db,
  )
  const { space } = rows[0] as { space: string }
  const conditions = planConditions(asked, 'cbir.plans')
  const started = performance.now()
  const found = await similarPlans(store.db, plan, {
    space,
    k,
    weights,
    excludeSamePatient: !samePatient,
    ...(conditions.length > 0 && { where: (eb) => eb.and(conditions) }),
  }).execute()
  const milliseconds = Math.round(10 * (performance.now() - started)) / 10
  const facts = await readPlans(
    store,
    found.map(({ plan_id }) => plan_id),
  )
  const answers = found.flatMap(({ plan_id, distance, forward, backward, matched }) => {
    const known = facts.get(plan_id)
    return known ? [{ ...known, distance, forward, backward, matched }] : []
  })
  return { space, milliseconds, rows: answers, ...textOf(plan, space, asked) }
}

function textOf(plan: number, space: string, asked: Asked) {
  const { k, weights, samePatient } = asked
  const filter = filterJson(asked)
  const options = [
    `k => ${k}`,
    ...(samePatient ? ['exclude_same_patient => false'] : []),
    ...(weights === 'equal' ? [] : [`weights => ${literal(weights)}`]),
    ...(filter === null ? [] : [`filter => ${literal(JSON.stringify(filter))}`]),
  ]
  return {
    sql: `select plan_id, distance, forward, backward, matched, patient, plan
from cbir.similar_plans(${plan}, ${literal(space)}, ${options.join(', ')});`,
    typescript: `import { openDatabase, similarPlans } from 'pg-lsh'

const db = await openDatabase({ url: 'postgres://…' })
const plans = await similarPlans(db, ${plan}, { space: '${space}', k: ${k}${
      weights === 'equal' ? '' : `, weights: '${weights}'`
    }${samePatient ? ', excludeSamePatient: false' : ''} }).execute()`,
  }
}
