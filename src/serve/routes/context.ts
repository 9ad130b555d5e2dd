import { z } from '@hono/zod-openapi'
import type { Store } from '../../store/connection/connect.js'
import type { Maps } from '../read-map.js'
import type { Uploads } from '../uploads.js'
import { problemSchema } from '../schemas/answers.js'

/** Shared state of the routes. */
export interface Serving {
  readonly store: Store
  readonly uploads: Uploads
  readonly maps: Maps
  readonly version: string
  readonly timeoutMs: number
}

/** Most bytes of an upload: a CT slice of 2048 by 2048 pixels, and a picture of it, are smaller. */
export const UPLOAD_BYTES = 32 << 20

/** Describes an answer in JSON. */
export function json<T extends z.ZodType>(schema: T, description: string) {
  return { content: { 'application/json': { schema } }, description }
}

/** Describes an answer in bytes. */
export function bytes(type: string, description: string) {
  const schema = z.string().openapi({ type: 'string', format: 'binary' })
  return { content: { [type]: { schema } }, description }
}

const problem = (description: string) => ({
  content: { 'application/problem+json': { schema: problemSchema } },
  description,
})

/** Errors that any route may return. */
export const problems = {
  400: problem('A value of the request is invalid.'),
  401: problem('The server requires a token.'),
  403: problem(
    'The role of the database may not read this, or the request comes from another site.',
  ),
  404: problem('The object does not exist, or the role may not see it.'),
  409: problem('It is not filled, indexed or built yet.'),
  413: problem('The upload is too large.'),
  422: problem('The file cannot be read.'),
  503: problem('The database does not answer, or too many files wait.'),
  504: problem('The database took longer than the time limit of a request.'),
} as const
