import { OpenAPIHono, type Hook } from '@hono/zod-openapi'
import type { Env } from 'hono'
import type { Store } from '../store/connection/connect.js'
import { ASSETS, serveAssets } from './assets.js'
import { guard, safeHeaders, type GuardOptions } from './guard.js'
import { answerProblem, problemOf } from './problem.js'
import { openMaps } from './read-map.js'
import { addCollectionRoutes } from './routes/collection.js'
import { addEvaluationRoutes } from './routes/evaluations.js'
import { addItemRoutes } from './routes/items.js'
import { addPlanRoutes } from './routes/plans.js'
import { addSearchRoutes } from './routes/search.js'
import { openUploads } from './uploads.js'

export interface ExplorerOptions extends GuardOptions {
  /** Version of this package. */
  version: string
  /** Longest time of a statement, in milliseconds. */
  timeoutMs: number
  /** Called with unexpected errors. (Default: none) */
  onError?: (error: unknown) => void
  /** Folder of the compiled pages. (Default: next to the server) */
  assets?: string
}

/** The explorer as an application: an API under /api/v1, and its pages. */
export interface Explorer {
  readonly app: Pick<OpenAPIHono, 'fetch' | 'request'>
  /** Frees the encoders of uploads. */
  close(): void
}

const ADDRESS = '/api/v1'

/**
 * Creates the application on a store, which should be read-only. Errors are answered as problems (RFC 9457) that
 * contain no statements and no messages of the database.
 */
export function createExplorer(store: Store, options: ExplorerOptions): Explorer {
  const { version, timeoutMs, onError, assets = ASSETS } = options
  const uploads = openUploads(store)
  const app = new OpenAPIHono({ defaultHook: refuseInvalid })
  app.use(safeHeaders())
  app.use(guard(options))
  const api = new OpenAPIHono({ defaultHook: refuseInvalid })
  const serving = { store, uploads, maps: openMaps(store), version, timeoutMs }
  addCollectionRoutes(api, serving)
  addItemRoutes(api, serving)
  addSearchRoutes(api, serving)
  addPlanRoutes(api, serving)
  addEvaluationRoutes(api, serving)
  app.route(ADDRESS, api)
  app.doc31(`${ADDRESS}/openapi.json`, {
    openapi: '3.1.0',
    info: {
      title: 'pg-lsh explorer',
      version,
      description: 'Similar radiotherapy plans and images of a database, read only.',
    },
  })
  app.get('*', serveAssets(assets))
  const notFound = {
    status: 404,
    title: 'Not found',
    detail: 'there is nothing at this address',
    code: 'http_404',
    hint: `The description of the API is at ${ADDRESS}/openapi.json.`,
  }
  app.notFound((context) => answerProblem(context, notFound))
  app.onError((error, context) => {
    const problem = problemOf(error)
    if (problem.status === 500) onError?.(error)
    return answerProblem(context, problem)
  })
  return { app, close: () => uploads.close() }
}

/** Names the invalid value of a request. */
const refuseInvalid: Hook<unknown, Env, string, Response | undefined> = (result, context) => {
  if (result.success) return undefined
  const [wrong] = result.error.issues
  const place = wrong?.path.join('.') ?? ''
  return answerProblem(context, {
    status: 400,
    title: 'Bad request',
    detail: `${place === '' ? 'a value' : place} is invalid: ${wrong?.message ?? 'unknown'}`,
    code: 'bad_usage',
    hint: `The description of the API is at ${ADDRESS}/openapi.json.`,
  })
}
