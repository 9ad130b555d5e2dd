import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'
import { inflateSync } from 'node:zlib'
import { LshError } from '../../core/errors.js'
import { outlineRings } from '../../report/panels/outline.js'
import { IMAGE_COLUMNS, unpackImage } from '../../store/plans/images.js'
import { sliceOutlines } from '../../store/plans/outlines.js'
import type { Store } from '../../store/connection/connect.js'
import { drawPicture } from '../draw-picture.js'
import { readItem, readItems } from '../read-items.js'
import { itemSchema, outlineSchema } from '../schemas/answers.js'
import {
  channelParameters,
  idParameters,
  keySchema,
  pageFields,
  pictureParameters,
} from '../schemas/parameters.js'
import { bytes, json, problems, type Serving } from './context.js'

const list = createRoute({
  method: 'get',
  path: '/items',
  request: {
    query: z.object({
      dataset: z
        .string()
        .min(1)
        .max(200)
        .regex(/^[^\0]*$/)
        .optional(),
      kind: z.enum(['slice', 'plan', 'image', 'neuron']).optional(),
      plan: keySchema.optional(),
      ...pageFields,
    }),
  },
  responses: {
    200: json(z.object({ items: z.array(itemSchema) }), 'Items, sorted by key.'),
    ...problems,
  },
})

const one = createRoute({
  method: 'get',
  path: '/items/{id}',
  request: { params: idParameters },
  responses: { 200: json(itemSchema, 'An item.'), ...problems },
})

const picture = createRoute({
  method: 'get',
  path: '/items/{id}/picture',
  request: { params: idParameters, query: pictureParameters },
  responses: {
    200: bytes('image/png', 'The item as a picture, one pixel per voxel.'),
    ...problems,
  },
})

const raster = createRoute({
  method: 'get',
  path: '/items/{id}/raster',
  request: { params: idParameters, query: channelParameters },
  responses: {
    200: bytes(
      'application/octet-stream',
      'Values of a slice, little-endian, row by row from anterior and patient right; x-rows, x-columns, x-unit.',
    ),
    ...problems,
  },
})

const outlines = createRoute({
  method: 'get',
  path: '/items/{id}/outlines',
  request: { params: idParameters },
  responses: {
    200: json(
      z.object({ outlines: z.array(outlineSchema) }),
      'Outlines of the structures in a slice.',
    ),
    ...problems,
  },
})

/** Items, and their pictures and values. */
export function addItemRoutes(app: OpenAPIHono, { store }: Serving): void {
  app.openapi(list, async (context) => {
    const { dataset, kind, plan, after, limit } = context.req.valid('query')
    let query = store.db
      .selectFrom('cbir.item as item')
      .leftJoin('cbir.slice as slice', 'slice.item_id', 'item.id')
      .select('item.id')
      .where('item.id', '>', after)
    if (dataset !== undefined) query = query.where('item.dataset', '=', dataset)
    if (kind !== undefined) query = query.where('item.kind', '=', kind)
    if (plan !== undefined) query = query.where('slice.plan_id', '=', plan)
    const rows = await query.orderBy('item.id').limit(limit).execute()
    const facts = await readItems(
      store,
      rows.map(({ id }) => id),
    )
    return context.json({ items: rows.flatMap(({ id }) => facts.get(id) ?? []) }, 200)
  })

  app.openapi(one, async (context) =>
    context.json(await readItem(store, context.req.valid('param').id), 200),
  )

  app.openapi(picture, async (context) => {
    const { id } = context.req.valid('param')
    const item = await readItem(store, id)
    const png =
      item.kind === 'slice'
        ? drawPicture(unpackImage(await storedSlice(store, id)), {
            ...context.req.valid('query'),
            fullGy: item.prescriptionGy ?? Math.max(1, item.doseMaxGy ?? 1),
          })
        : await previewOf(store, id)
    return context.body(png as Uint8Array<ArrayBuffer>, 200, {
      'content-type': 'image/png',
      'cache-control': 'private, max-age=300',
    })
  })

  app.openapi(raster, async (context) => {
    const { id } = context.req.valid('param')
    const { channel } = context.req.valid('query')
    const { rows, columns, ct, dose, dose_unit_gy: unit } = await storedSlice(store, id)
    const stored = channel === 'ct' ? ct : dose
    if (stored === null)
      throw new LshError('LSH01', `item ${id} has no dose`, { hint: 'Ask for the channel "ct".' })
    // Stored in the deflate format, which browsers inflate.
    const inflates = /\bdeflate\b/.test(context.req.header('accept-encoding') ?? '')
    const body = inflates ? stored : inflateSync(stored)
    return context.body(new Uint8Array(body), 200, {
      'content-type': 'application/octet-stream',
      ...(inflates && { 'content-encoding': 'deflate' }),
      vary: 'accept-encoding',
      'cache-control': 'private, max-age=300',
      'x-rows': String(rows),
      'x-columns': String(columns),
      'x-unit': String(channel === 'ct' ? 1 : unit),
    })
  })

  app.openapi(outlines, async (context) => {
    const { id } = context.req.valid('param')
    const { rows, columns } = await readItem(store, id)
    const found = (await sliceOutlines(store, [id])).get(id) ?? []
    const size = { rows: rows ?? 0, columns: columns ?? 0 }
    const drawn = found.map(({ name, role, inside }) => ({
      name,
      role,
      rings: outlineRings(inside, size).map((ring) =>
        ring.flatMap(([x, y]) => [Math.round(10 * x) / 10, Math.round(10 * y) / 10]),
      ),
    }))
    return context.json({ outlines: drawn }, 200)
  })
}

async function storedSlice({ db }: Store, item: number) {
  const row = await db
    .selectFrom('cbir.slice')
    .select(IMAGE_COLUMNS)
    .where('item_id', '=', item)
    .executeTakeFirst()
  if (row) return row
  throw new LshError('LSH01', `item ${item} is no slice`, {
    hint: 'Ask for its picture: GET /api/v1/items/{id}/picture.',
  })
}

async function previewOf({ db }: Store, item: number): Promise<Uint8Array> {
  const row = await db
    .selectFrom('cbir.item')
    .select('preview')
    .where('id', '=', item)
    .executeTakeFirstOrThrow()
  return new Uint8Array(row.preview)
}
