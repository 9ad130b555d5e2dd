import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { compareSpace } from '../../compare/compare-space.js'
import { summarise } from '../../compare/summary.js'
import { LshError } from '../../core/errors.js'
import { queryItems } from '../../store/plans/patients.js'
import { holdingOf } from '../read-spaces.js'
import { drawPicture } from '../draw-picture.js'
import { answerSearch } from '../search-answer.js'
import { comparisonSchema, searchAnswerSchema, uploadSchema } from '../schemas/answers.js'
import { pictureParameters, searchParameters, spaceSchema } from '../schemas/parameters.js'
import { sizeOf } from '../uploads.js'
import { bytes, json, problems, UPLOAD_BYTES, type Serving } from './context.js'

const search = createRoute({
  method: 'get',
  path: '/search',
  request: { query: searchParameters },
  responses: {
    200: json(searchAnswerSchema, 'The nearest rows by the hash index, and the exact neighbours.'),
    ...problems,
  },
})

const upload = createRoute({
  method: 'post',
  path: '/uploads',
  request: {
    body: {
      required: true,
      content: {
        'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) },
      },
      description:
        'A file: DICOM of one axial CT slice, PNG, JPEG, TIFF or WebP, or a neuron in SWC. Of DICOM only pixels are kept.',
    },
  },
  responses: { 201: json(uploadSchema, 'The name for searches.'), ...problems },
})

const uploadPicture = createRoute({
  method: 'get',
  path: '/uploads/{upload}/picture',
  request: {
    params: z.object({ upload: z.string().regex(/^[0-9a-f]{32}$/) }),
    query: pictureParameters,
  },
  responses: { 200: bytes('image/png', 'The upload as a picture.'), ...problems },
})

const compare = createRoute({
  method: 'get',
  path: '/compare',
  request: {
    query: z.object({
      space: spaceSchema,
      k: z.coerce.number().int().min(1).max(100).default(10),
      queries: z.coerce.number().int().min(1).max(50).default(10),
      candidates: z.coerce.number().int().min(1).max(100_000).optional(),
      probes: z.coerce.number().int().min(1).max(10_000).optional(),
      seed: z.coerce.number().int().min(0).max(1_000_000).default(1),
    }),
  },
  responses: {
    200: json(comparisonSchema, 'Measures the recall of the index on sample queries.'),
    ...problems,
  },
})

/** Searches by stored items and by uploads, and their recall. */
export function addSearchRoutes(app: OpenAPIHono, { store, uploads }: Serving): void {
  app.openapi(search, async (context) =>
    context.json(await answerSearch(store, uploads, context.req.valid('query')), 200),
  )

  app.use(
    '/uploads',
    bodyLimit({
      maxSize: UPLOAD_BYTES,
      onError: () => {
        throw new HTTPException(413, { message: 'an upload has at most 32 MiB' })
      },
    }),
  )
  app.openapi(upload, async (context) => {
    const body = Buffer.from(await context.req.arrayBuffer())
    if (body.length === 0)
      throw new LshError('bad_input', 'the upload is empty', {
        hint: 'Send the file as the body of the request.',
      })
    const { name, upload: kept } = await uploads.add(body)
    const size = sizeOf(kept)
    return context.json(
      { upload: name, kind: kept.kind, rows: size?.rows ?? null, columns: size?.columns ?? null },
      201,
    )
  })

  app.openapi(uploadPicture, (context) => {
    const { slice, preview } = uploads.get(context.req.valid('param').upload)
    const png = slice
      ? drawPicture(slice, { ...context.req.valid('query'), show: 'ct', fullGy: 1 })
      : (preview ?? new Uint8Array())
    return context.body(png as Uint8Array<ArrayBuffer>, 200, { 'content-type': 'image/png' })
  })

  app.openapi(compare, async (context) => {
    const { space, k, queries, seed, candidates, probes } = context.req.valid('query')
    if ((await holdingOf(store, space)) !== 'slice')
      throw new LshError('bad_usage', `space "${space}" does not hold slices`, {
        hint: 'Compare a space of slices.',
      })
    const items = await queryItems(store, space, { queries, seed })
    const { code_loss, bucket_loss, visited_share, ...summary } = summarise(
      await compareSpace(store, space, items, {
        k,
        ...(candidates !== undefined && { candidates }),
        ...(probes !== undefined && { probes }),
        signal: context.req.raw.signal,
      }),
    )
    return context.json(
      {
        space,
        k,
        ...summary,
        codeLoss: code_loss,
        bucketLoss: bucket_loss,
        visitedShare: visited_share,
      },
      200,
    )
  })
}
