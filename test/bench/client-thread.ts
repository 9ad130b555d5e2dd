import { once } from 'node:events'
import type { MessagePort } from 'node:worker_threads'
import pg from 'pg'
import type { BenchEngine } from '../../src/cli/bench-engine.js'
import { openStore } from '../../src/store/connection/connect.js'
import { row, type Matrix } from './datasets/dataset.js'
import { methodsNamed } from './methods/all.js'
import type { Statement, Subject } from './methods/method.js'

/** The task of the clients of one thread. */
export interface ClientTask {
  readonly place: string
  readonly method: string
  readonly setting: string
  readonly subject: Omit<Subject, 'engine' | 'store' | 'client'>
  readonly clients: number
  /** Number of the first client; each client starts at a different query. */
  readonly first: number
  readonly seconds: number
  readonly queries: Matrix
}

/** Unmeasured queries of each client at the start. */
const WARM = 50

/** Connects, posts "ready", waits for a message, then runs queries and posts the milliseconds of each. */
export async function askAtOnce(
  task: ClientTask,
  engine: BenchEngine,
  port: MessagePort,
): Promise<void> {
  const store = await openStore(task.place)
  const clients = Array.from(
    { length: task.clients },
    () => new pg.Client({ connectionString: task.place }),
  )
  try {
    const statement = await statementOf(task, engine, store)
    for (const client of clients) {
      await client.connect()
      for (const text of statement.session) await client.query(text)
    }
    const asks = clients.map((client, i) => asker(client, statement, task, task.first + i))
    await Promise.all(asks.map((ask) => ask((asked) => asked < WARM)))
    port.postMessage('ready')
    await once(port, 'message')
    const end = performance.now() + 1000 * task.seconds
    const lists = await Promise.all(asks.map((ask) => ask(() => performance.now() < end)))
    port.postMessage(Float64Array.from(lists.flat()))
  } finally {
    await Promise.all(clients.map((client) => client.end()))
    await store.close()
  }
}

async function statementOf(
  { method, setting, subject }: ClientTask,
  engine: BenchEngine,
  store: Subject['store'],
): Promise<Statement> {
  const client = await store.pool.connect()
  try {
    const [named] = methodsNamed([method])
    const settings = (await named?.settings({ ...subject, engine, store, client })) ?? []
    const found = settings.find(({ name }) => name === setting)
    if (found && 'text' in found) return found
    throw new Error(`${method} has no statement "${setting}"`)
  } finally {
    client.release()
  }
}

/** Returns a function that runs queries while `mayGoOn`, and continues at the next query when called again. */
function asker(client: pg.Client, { text, values }: Statement, task: ClientTask, number: number) {
  const { queries } = task
  const vectors = Array.from({ length: queries.rows }, (_, i) => row(queries, i))
  const texts = vectors.map((vector) => `[${vector.join(',')}]`)
  // Clients start far apart, so that none reads what another has just brought into memory.
  let at = number * 61
  return async (mayGoOn: (asked: number) => boolean): Promise<number[]> => {
    const milliseconds: number[] = []
    while (mayGoOn(milliseconds.length)) {
      const query = at++ % queries.rows
      const begin = performance.now()
      await client.query({
        name: 'bench',
        text,
        values: [...values(texts[query]!, vectors[query]!)],
      })
      milliseconds.push(performance.now() - begin)
    }
    return milliseconds
  }
}
