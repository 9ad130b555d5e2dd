import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'
import { sql } from 'kysely'
import { aboutSchema, datasetSchema, spaceAnswerSchema } from '../schemas/answers.js'
import { readSpaces } from '../read-spaces.js'
import { json, problems, UPLOAD_BYTES, type Serving } from './context.js'

const about = createRoute({
  method: 'get',
  path: '/about',
  responses: { 200: json(aboutSchema, 'The server.'), ...problems },
})

const spaces = createRoute({
  method: 'get',
  path: '/spaces',
  responses: {
    200: json(z.object({ spaces: z.array(spaceAnswerSchema) }), 'Spaces with their hash indexes.'),
    ...problems,
  },
})

const datasets = createRoute({
  method: 'get',
  path: '/datasets',
  responses: {
    200: json(z.object({ datasets: z.array(datasetSchema) }), 'Content of the database.'),
    ...problems,
  },
})

/** Content of the database, and information about the server. */
export function addCollectionRoutes(
  app: OpenAPIHono,
  { store, version, timeoutMs }: Serving,
): void {
  app.openapi(about, (context) =>
    context.json(
      {
        version,
        engine: store.engine,
        readOnly: true as const,
        timeoutMs,
        uploadBytes: UPLOAD_BYTES,
      },
      200,
    ),
  )
  app.openapi(spaces, async (context) => context.json({ spaces: await readSpaces(store) }, 200))
  app.openapi(datasets, async (context) => {
    const { rows } = await sql<z.infer<typeof datasetSchema>>`
      select patient.dataset, count(distinct patient.id)::int as patients,
        (select count(*)::int from cbir.plan join cbir.patient as own on own.id = plan.patient_id
         where own.dataset = patient.dataset) as plans,
        (select count(*)::int from cbir.picture join cbir.patient as own on own.id = picture.patient_id
         where own.dataset = patient.dataset) as pictures,
        array(select distinct plan.site from cbir.plan join cbir.patient as own on own.id = plan.patient_id
         where own.dataset = patient.dataset and plan.site is not null order by plan.site) as sites,
        array(select structure.name from cbir.structure
          join cbir.plan on plan.id = structure.plan_id join cbir.patient as own on own.id = plan.patient_id
         where own.dataset = patient.dataset and structure.volume_cc > 0
         group by structure.name order by count(*) desc, structure.name limit 60) as structures,
        array(select distinct item.label from cbir.item
         where item.dataset = patient.dataset and item.label is not null order by item.label limit 60) as labels
      from cbir.patient
      group by patient.dataset
      order by patient.dataset`.execute(store.db)
    return context.json({ datasets: rows }, 200)
  })
}
