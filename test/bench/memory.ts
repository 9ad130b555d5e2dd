import { readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import type pg from 'pg'
import type { BenchMemory } from '../../src/cli/bench-result.js'

/** Milliseconds between two samples. */
const STEP = 100

/**
 * Samples the memory of this process and of the sessions of the database during `work`; returns the peaks. Of sessions
 * only private memory counts, without `shared_buffers` and memory shared by workers that build a graph. The server must
 * run on this machine, in the same process namespace.
 */
export async function watchMemory(
  pool: pg.Pool,
  work: () => Promise<unknown>,
): Promise<BenchMemory> {
  const node_before_bytes = process.memoryUsage.rss()
  let node_peak_bytes = node_before_bytes
  let server_peak_bytes = await sessionBytes(pool)
  const done = new AbortController()
  const watch = async () => {
    while (!done.signal.aborted) {
      node_peak_bytes = Math.max(node_peak_bytes, process.memoryUsage.rss())
      const bytes = server_peak_bytes === null ? null : await sessionBytes(pool)
      if (bytes !== null) server_peak_bytes = Math.max(server_peak_bytes ?? 0, bytes)
      await setTimeout(STEP)
    }
  }
  await Promise.all([work().finally(() => done.abort()), watch()])
  return { node_before_bytes, node_peak_bytes, server_peak_bytes }
}

/** Private memory in bytes of all sessions of this database; null if their processes are not visible here. */
async function sessionBytes(pool: pg.Pool): Promise<number | null> {
  const { rows } = await pool.query<{ pid: number; own: boolean }>(
    `select pid, pid = pg_backend_pid() as own from pg_stat_activity where datname = current_database()`,
  )
  let sum = 0
  for (const { pid, own } of rows) {
    const bytes = await privateBytes(pid)
    if (bytes === null && own) return null
    // A worker may have ended meanwhile.
    sum += bytes ?? 0
  }
  return sum
}

async function privateBytes(pid: number): Promise<number | null> {
  try {
    const [name, status] = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
      readFile(`/proc/${pid}/status`, 'utf8'),
    ])
    const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]
    return name.includes('postgres') && kilobytes !== undefined ? 1024 * Number(kilobytes) : null
  } catch {
    // There is no such process on this machine, or the system is not Linux.
    return null
  }
}
