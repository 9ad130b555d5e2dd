// An HTTP service that answers "which plans are like this one?", and the same of slices.
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { Kysely } from 'kysely'
import { fromPgError, LshError, nearest, similarPlans, type Database, type Features } from 'pg-lsh'

/** The spaces that are searched, as `openDatabase<Spaces>` takes them. */
export interface Spaces {
  'space.ct_shallow': Features
}

/** What an SQLSTATE is to the caller; any other is a fault of this service. */
const statusOf: Readonly<Record<string, 400 | 404 | 409>> = {
  LSH01: 404, // no such plan
  P0002: 404, // no such slice
  LSH03: 409, // a plan whose slices are not encoded yet
  '22021': 400, // text that PostgreSQL cannot store, as one with a zero byte
}

export function createApp(db: Kysely<Database & Spaces>): Hono {
  const app = new Hono()

  app.get('/plans/:plan/similar', async (c) => {
    const plan = count('plan', c.req.param('plan'))
    const k = count('k', c.req.query('k') ?? '10', 100)
    const site = c.req.query('site')
    const prescription = dose('min_prescription', c.req.query('min_prescription'))
    const similar = await similarPlans(db, plan, {
      space: 'ct_shallow',
      k,
      where: (plans) =>
        plans.and([
          ...(site === undefined ? [] : [plans('site', '=', site)]),
          ...(prescription === undefined ? [] : [plans('prescription_gy', '>=', prescription)]),
        ]),
    })
      .select(['plans.site', 'plans.prescription_gy', 'plans.slices'])
      .execute()
    return c.json({ plan, similar })
  })

  app.get('/slices/:item/similar', async (c) => {
    const item = count('item', c.req.param('item'))
    const k = count('k', c.req.query('k') ?? '10', 100)
    const prescription = dose('min_prescription', c.req.query('min_prescription'))
    const similar = await nearest(db, 'space.ct_shallow', { to: { item }, k })
      .innerJoin('cbir.slices as slice', 'slice.item_id', 'near.item_id')
      .$if(prescription !== undefined, (found) =>
        found.where('slice.prescription_gy', '>=', prescription ?? 0),
      )
      .select(['near.item_id', 'near.distance', 'slice.patient', 'slice.plan', 'slice.position_mm'])
      .execute()
    return c.json({ item, similar })
  })

  app.onError((error, c) => {
    if (error instanceof HTTPException) return c.json({ error: error.message }, error.status)
    const known = fromPgError(error)
    const status = statusOf[(error as { code?: string }).code ?? '']
    if (known instanceof LshError && status)
      return c.json({ error: known.message, hint: known.hint }, status)
    console.error(error)
    return c.json({ error: 'internal error' }, 500)
  })

  return app
}

function count(name: string, text: string, most = 2 ** 31 - 1): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : 0
  if (value >= 1 && value <= most) return value
  throw new HTTPException(400, { message: `${name} must be a whole number from 1 to ${most}` })
}

function dose(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,4}(\.\d{1,4})?$/.test(text)) return Number(text)
  throw new HTTPException(400, { message: `${name} is a dose in Gy, as 60 or 59.4` })
}
