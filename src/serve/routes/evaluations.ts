import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'
import { readEvaluation } from '../../compare/stored-evaluations.js'
import { renderEvaluationPage } from '../../report/pages/evaluation-page.js'
import { idParameters, spaceSchema } from '../schemas/parameters.js'
import { evaluationDetailSchema, evaluationSchema, mapSchema } from '../schemas/plan-answers.js'
import { bytes, json, problems, type Serving } from './context.js'

const list = createRoute({
  method: 'get',
  path: '/evaluations',
  responses: {
    200: json(z.object({ evaluations: z.array(evaluationSchema) }), 'Runs of "pg-lsh report".'),
    ...problems,
  },
})

const one = createRoute({
  method: 'get',
  path: '/evaluations/{id}',
  request: { params: idParameters },
  responses: { 200: json(evaluationDetailSchema, 'A run with its figures.'), ...problems },
})

const page = createRoute({
  method: 'get',
  path: '/evaluations/{id}/page',
  request: { params: idParameters },
  responses: { 200: bytes('text/html', 'The page of the run, drawn again.'), ...problems },
})

const map = createRoute({
  method: 'get',
  path: '/map',
  request: { query: z.object({ space: spaceSchema }) },
  responses: {
    200: json(mapSchema, 'A point in the plane for each item, by the principal axes of the space.'),
    ...problems,
  },
})

/** The page contains its own styles and loads nothing. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"

/** Stored evaluations, and the map of a space. */
export function addEvaluationRoutes(app: OpenAPIHono, { store, maps }: Serving): void {
  app.openapi(list, async (context) => {
    const rows = await store.db
      .selectFrom('cbir.evaluation')
      .select(['id', 'dataset', 'seed', 'seconds', 'created_at', 'spaces'])
      .orderBy('id', 'desc')
      .limit(200)
      .execute()
    const evaluations = rows.map(({ created_at, spaces, ...row }) => ({
      ...row,
      created: created_at.toISOString(),
      spaces: (spaces as { space: string }[]).map(({ space }) => space),
    }))
    return context.json({ evaluations }, 200)
  })

  app.openapi(one, async (context) => {
    const { id } = context.req.valid('param')
    const { created, versions, settings, spaces, ...run } = await readEvaluation(store, id)
    const figures = await store.db
      .selectFrom('cbir.evaluation_figures')
      .selectAll()
      .where('evaluation_id', '=', id)
      .execute()
    const searches = await store.db
      .selectFrom('cbir.evaluation_searches')
      .selectAll()
      .where('evaluation_id', '=', id)
      .execute()
    return context.json(
      {
        id: run.id,
        dataset: run.dataset,
        seed: run.seed,
        seconds: run.seconds,
        created: created.toISOString(),
        spaces: spaces.map(({ space }) => space),
        versions: { ...versions },
        settings,
        figures: figures.map((row) => ({
          space: row.space,
          kind: row.kind,
          bits: row.bits,
          k: row.k,
          samePatient: row.same_patient,
          dice: row.dice,
          diceLow: row.dice_low,
          diceHigh: row.dice_high,
          jaccard: row.jaccard,
        })),
        searches: searches.map((row) => ({
          space: row.space,
          index: row.index,
          stage: row.stage,
          probes: row.probes,
          recall: row.recall,
          visitedShare: row.visited_share,
          medianMs: row.median_ms,
          p95Ms: row.p95_ms,
        })),
      },
      200,
    )
  })

  app.openapi(page, async (context) => {
    const evaluation = await readEvaluation(store, context.req.valid('param').id)
    const { html } = renderEvaluationPage([
      { evaluation, reconstructions: [], retrievals: [], volumes: [], notes: [] },
    ])
    // The script that rotates volumes is removed: a run has no volumes here, and its frame runs no
    // scripts.
    return context.body(html.replace(/<script>[^]*?<\/script>/g, ''), 200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': PAGE_POLICY,
    })
  })

  app.openapi(map, async (context) =>
    context.json(await maps.read(context.req.valid('query').space), 200),
  )
}
