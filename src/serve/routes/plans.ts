import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'
import { sql } from 'kysely'
import { dvhCurve } from '../../report/panels/dvh-curve.js'
import { matchedSlices } from '../../search/similar-plans.js'
import { planStructures } from '../../store/plans/plan-structures.js'
import { dvhBand } from '../dvh-band.js'
import { listPlans, readPlan } from '../read-plans.js'
import { answerSimilarPlans } from '../similar-plans-answer.js'
import {
  filterFields,
  idParameters,
  keySchema,
  pageFields,
  similarPlansParameters,
  spaceSchema,
} from '../schemas/parameters.js'
import {
  bandSchema,
  curveSchema,
  matchedSchema,
  planDetailSchema,
  planSchema,
  similarPlansSchema,
} from '../schemas/plan-answers.js'
import { json, problems, type Serving } from './context.js'

const list = createRoute({
  method: 'get',
  path: '/plans',
  request: { query: z.object({ ...filterFields, ...pageFields }) },
  responses: {
    200: json(z.object({ plans: z.array(planSchema) }), 'Plans, sorted by key.'),
    ...problems,
  },
})

const one = createRoute({
  method: 'get',
  path: '/plans/{id}',
  request: { params: idParameters },
  responses: { 200: json(planDetailSchema, 'A plan with its structures and slices.'), ...problems },
})

const dvh = createRoute({
  method: 'get',
  path: '/plans/{id}/dvh',
  request: { params: idParameters },
  responses: {
    200: json(
      z.object({ curves: z.array(curveSchema) }),
      'Cumulative dose-volume histograms, as polylines.',
    ),
    ...problems,
  },
})

const similar = createRoute({
  method: 'get',
  path: '/plans/{id}/similar',
  request: { params: idParameters, query: similarPlansParameters },
  responses: { 200: json(similarPlansSchema, 'Plans most similar to this one.'), ...problems },
})

const matched = createRoute({
  method: 'get',
  path: '/plans/{id}/matched/{other}',
  request: {
    params: idParameters.extend({ other: keySchema }),
    query: z.object({
      space: spaceSchema.optional(),
      weights: z.enum(['equal', 'dose']).default('equal'),
    }),
  },
  responses: {
    200: json(matchedSchema, 'Each slice of the plan with the nearest slice of the other plan.'),
    ...problems,
  },
})

const band = createRoute({
  method: 'get',
  path: '/dvh-band',
  request: {
    query: z.object({
      structure: z
        .string()
        .min(1)
        .max(200)
        .regex(/^[^\0]*$/),
      dataset: filterFields.dataset,
    }),
  },
  responses: {
    200: json(bandSchema, 'Quantiles of the histograms of a structure over the plans.'),
    ...problems,
  },
})

/** Plans, their dose, and similar plans. */
export function addPlanRoutes(app: OpenAPIHono, { store }: Serving): void {
  app.openapi(list, async (context) =>
    context.json({ plans: await listPlans(store, context.req.valid('query')) }, 200),
  )
  app.openapi(one, async (context) =>
    context.json(await readPlan(store, context.req.valid('param').id), 200),
  )
  app.openapi(dvh, async (context) => {
    const { id } = context.req.valid('param')
    const structures = (await planStructures(store, [id])).get(id) ?? []
    const curves = structures.flatMap(({ name, role, dvh: histogram }) => {
      if (histogram === null) return []
      const points = dvhCurve(histogram)
      return [
        {
          structure: name,
          role,
          doseGy: points.map(([gy]) => Math.round(100 * gy) / 100),
          volume: points.map(([, percent]) => Math.round(100 * percent) / 100),
        },
      ]
    })
    return context.json({ curves }, 200)
  })
  app.openapi(similar, async (context) => {
    const { id } = context.req.valid('param')
    return context.json(await answerSimilarPlans(store, id, context.req.valid('query')), 200)
  })
  app.openapi(matched, async (context) => {
    const { id, other } = context.req.valid('param')
    const { weights, space: asked } = context.req.valid('query')
    const space = asked ?? (await planSpace(store, id))
    const rows = await matchedSlices(store.db, id, other, { space, weights }).execute()
    const pairs = rows.map((row) => ({
      item: row.item_id,
      index: row.index,
      positionMm: row.position_mm,
      otherItem: row.other_item_id,
      otherIndex: row.other_index,
      otherPositionMm: row.other_position_mm,
      distance: row.distance,
      weight: row.weight,
    }))
    return context.json({ space, pairs }, 200)
  })
  app.openapi(band, async (context) => {
    const { structure, dataset } = context.req.valid('query')
    const { plans, doseGy, percentiles } = await dvhBand(store, structure, dataset ?? null)
    return context.json(
      { structure, plans, doseGy: [...doseGy], percentiles: percentiles.map((one) => [...one]) },
      200,
    )
  })
}

/** Default space for comparing plans; slices can only be matched in a space of slices. */
export async function planSpace({ db }: Serving['store'], plan: number): Promise<string> {
  const { rows } = await sql<{
    space: string
  }>`select cbir.plan_space(${plan}::int) as space`.execute(db)
  return (rows[0] as { space: string }).space
}
