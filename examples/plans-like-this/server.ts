// npx tsx examples/plans-like-this/server.ts
// curl 'localhost:3000/plans/3/similar?k=5&min_prescription=60'
import { serve } from '@hono/node-server'
import { openDatabase } from 'pg-lsh'
import { createApp, type Spaces } from './app.js'

const place = process.env.DATABASE_URL ?? '.demo/synthetic'
const db = await openDatabase<Spaces>(place.includes('://') ? { url: place } : { dataDir: place })
const options = { fetch: createApp(db).fetch, port: Number(process.env.PORT ?? 3000) }
const server = serve(options, ({ port }) => console.log(`listening on http://localhost:${port}`))

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => server.close(() => void db.destroy()))
