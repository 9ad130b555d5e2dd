import { cpus, release, totalmem, type } from 'node:os'
import type pg from 'pg'

/** Settings of the server that affect the figures. */
const SETTINGS = [
  'shared_buffers',
  'effective_cache_size',
  'work_mem',
  'maintenance_work_mem',
  'max_parallel_maintenance_workers',
  'max_parallel_workers_per_gather',
  'synchronous_commit',
  'fsync',
  'full_page_writes',
  'jit',
  'random_page_cost',
]

export interface ServerFigures {
  readonly version: string
  readonly pgvector: string
  /** Limit in bytes of the server's memory, including its file cache; null if there is none or it cannot be read. */
  readonly memory_limit: number | null
  readonly settings: Readonly<Record<string, string>>
}

export interface MachineFigures {
  readonly cpu: string
  readonly cores: number
  readonly memory_gb: number
  readonly system: string
  readonly node: string
}

export async function serverFigures(client: pg.PoolClient): Promise<ServerFigures> {
  const { rows } = await client.query<{ version: string; pgvector: string }>(
    `select current_setting('server_version') as version, extversion as pgvector
     from pg_extension
     where extname = 'vector'`,
  )
  const settings = await client.query<{ name: string; setting: string }>(
    `select name, current_setting(name) as setting
     from unnest($1::text[]) as name`,
    [SETTINGS],
  )
  const { version = '', pgvector = '' } = rows[0] ?? {}
  return {
    version,
    pgvector,
    memory_limit: await memoryLimit(client),
    settings: Object.fromEntries(settings.rows.map(({ name, setting }) => [name, setting])),
  }
}

/** Figures of this machine, on which the server usually runs too. */
export function machineFigures(): MachineFigures {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
  }
}

/** Memory limit of the server's control group, read through the server. */
async function memoryLimit(client: pg.PoolClient): Promise<number | null> {
  const read = async (path: string) => {
    try {
      const { rows } = await client.query<{ text: string | null }>(
        'select pg_read_file($1, 0, 4096, true) as text',
        [path],
      )
      return rows[0]?.text ?? ''
    } catch {
      // Only a superuser may read files, and they exist only on Linux.
      return ''
    }
  }
  const groups = await read('/proc/self/cgroup')
  const old = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1]
  const unified = /^0::(.*)$/m.exec(groups)?.[1] ?? '/'
  const text =
    old === undefined
      ? await read(`/sys/fs/cgroup${unified}/memory.max`)
      : await read(`/sys/fs/cgroup/memory${old}/memory.limit_in_bytes`)
  const bytes = Number.parseInt(text, 10)
  // In cgroup v1, a number near 2^63 means no limit.
  return Number.isNaN(bytes) || bytes > 2 ** 60 ? null : bytes
}
