/** Faults of a torture run: ended connections, and killed processes, after which the server recovers. */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { random } from '../../src/core/random.js'
import type { Tally } from './tally.js'

export interface FaultOptions {
  url: string
  seed: number
  /** Whether to kill processes of the server, which must run on this machine. */
  killServer: boolean
  /** Seconds between two kills. */
  everySeconds: number
}

/** Ends connections at random and kills server processes at intervals until the time `ends`, in ms since 1970. */
export async function bringFaults(
  { url, seed, killServer, everySeconds }: FaultOptions,
  tally: Tally,
  ends: number,
): Promise<void> {
  const source = random(seed)
  let next = Date.now() + everySeconds * 1000
  while (Date.now() < ends) {
    await sleep(source.integer(200, 1500))
    if (Date.now() >= ends) return
    try {
      if (killServer && Date.now() >= next) {
        await killOneProcess(url)
        tally.kills.server++
        next = Date.now() + everySeconds * 1000
      } else tally.kills.backends += await endOneConnection(url)
    } catch (error) {
      tally.failed('fault', error, [])
    }
  }
}

/** Kills a backend with SIGKILL, which makes the server end all others and recover from its log. */
async function killOneProcess(url: string): Promise<void> {
  await connected(url, async (client) => {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    process.kill(rows[0]!.pid, 'SIGKILL')
  })
  // Waits until the server accepts connections again.
  for (let tries = 0; tries < 600; tries++) {
    await sleep(100)
    const up = await connected(url, (client) => client.query('select 1')).then(
      () => true,
      () => false,
    )
    if (up) return
  }
  throw new Error('the server did not come back within a minute')
}

async function endOneConnection(url: string): Promise<number> {
  return connected(url, async (client) => {
    const { rows } = await client.query<{ ended: number }>(
      `select count(pg_terminate_backend(pid))::int as ended
       from (
         select pid from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
         order by random() limit 1
       ) as one`,
    )
    return rows[0]?.ended ?? 0
  })
}

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}
