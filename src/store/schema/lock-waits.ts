import type pg from 'pg'
import { assertList, assertRecord } from '../../core/arguments.js'

/** A holder of a lock. */
export interface LockHolder {
  /** Process number on the server; 0 for a prepared transaction. */
  readonly pid: number
  /** Null, like the following fields, if this role may not see it. */
  readonly application: string | null
  readonly user: string | null
  /** State of the session, such as `idle`, `active` or `idle in transaction`. */
  readonly state: string | null
  /** When the session entered that state; if it is active, when its query began. */
  readonly since: Date | null
}

/** A wait for a lock. */
export interface LockWait {
  /** Description of the lock, such as `table cbir.item`. */
  readonly what: string
  /** Seconds since the wait began. */
  readonly seconds: number
  readonly holders: readonly LockHolder[]
}

export interface WatchOptions {
  /**
   * Also reports waits of other processes for the lock of `migrate`, because behind a pooler the process on the server
   * is another than the one that the client sees. (Default: false)
   */
  migrate?: boolean
  /**
   * Seconds until the first check, until the next one, and the longest pause. The pause doubles while there are waits.
   * (Default: 1, 8 and 60)
   */
  seconds?: { first: number; next: number; last: number }
}

/**
 * Checks periodically, on a separate connection, which locks the connections of a pool wait for. Returns a function
 * that ends the checks.
 */
export function watchLockWaits(
  pool: pg.Pool,
  onWait: (wait: LockWait) => void,
  options: WatchOptions = {},
): () => Promise<void> {
  const { migrate = false, seconds = { first: 1, next: 8, last: 60 } } = options
  const pids = new Set<number>()
  const use = (client: pg.PoolClient) => pids.add(processOf(client))
  const drop = (client: pg.PoolClient) => pids.delete(processOf(client))
  pool.on('acquire', use)
  pool.on('remove', drop)
  let timer: NodeJS.Timeout | undefined
  let checking: Promise<void> = Promise.resolve()
  let pause = seconds.next
  const check = async () => {
    // The waiting query reports a lost connection itself; this check only reports the lock.
    const waits = await lockWaits(pool, [...pids], migrate).catch(() => [])
    if (timer === undefined) return
    for (const wait of waits) onWait(wait)
    timer = startTimer(pause)
    if (waits.length > 0) pause = Math.min(seconds.last, 2 * pause)
    else pause = seconds.next
  }
  const startTimer = (after: number) =>
    setTimeout(() => {
      checking = check()
    }, 1000 * after).unref()
  timer = startTimer(seconds.first)
  return async () => {
    clearTimeout(timer)
    timer = undefined
    pool.off('acquire', use)
    pool.off('remove', drop)
    await checking
  }
}

/** Describes a wait in words, with the command that would end the session of its first holder. */
export function describeLockWait(wait: LockWait): string {
  assertRecord('the wait', wait, 'Pass the argument of onWait.')
  assertList('the holders of the wait', wait.holders, 'Pass the argument of onWait.')
  for (const holder of wait.holders)
    assertRecord('a holder of the wait', holder, 'Pass the argument of onWait.')
  const { what, seconds, holders } = wait
  const by = holders.map(describeHolder).join('; ')
  const [first] = holders
  const lines = [`waiting for ${what} for ${seconds} s${by === '' ? '' : `: held by ${by}`}`]
  if (first && first.pid > 0) {
    const idle = first.state === 'idle'
    lines.push(
      idle
        ? `  That session is idle. A pooler may keep it open for other clients; to end it: select pg_terminate_backend(${first.pid});`
        : `  Wait for it, or end it: select pg_terminate_backend(${first.pid});`,
    )
  }
  return lines.join('\n')
}

function describeHolder({ pid, application, user, state, since }: LockHolder): string {
  if (pid === 0) return 'a prepared transaction: select * from pg_prepared_xacts;'
  const parts = [
    application !== null && application !== '' && `application "${application}"`,
    user !== null && `user ${user}`,
    state !== null && `${state}${since === null ? '' : ` since ${since.toISOString()}`}`,
  ].filter((part) => part !== false)
  return parts.length === 0
    ? `process ${pid}, which this role may not inspect`
    : `process ${pid} (${parts.join(', ')})`
}

function processOf(client: pg.PoolClient): number {
  return (client as pg.PoolClient & { processID?: number | null }).processID ?? 0
}

/** SQL for the description of a lock; it names the advisory locks of this package. */
const LOCK_DESCRIPTION = `case
    when waiting.locktype = 'relation' then 'table ' || waiting.relation::pg_catalog.regclass::text
    when waiting.locktype <> 'advisory' then 'a row or transaction that another session has locked'
    when waiting.objsubid = 1 and waiting.key = pg_catalog.hashtext('pg-lsh migrate') then 'the lock of "pg-lsh migrate"'
    when waiting.objsubid = 1 and waiting.key = pg_catalog.hashtext('pg-lsh load') then 'the lock of "pg-lsh load"'
    when waiting.objsubid = 2 and waiting.first_key = pg_catalog.hashtext('pg-lsh encode') then 'the lock of "pg-lsh encode"'
    else 'an advisory lock'
  end`

async function lockWaits(
  pool: pg.Pool,
  pids: readonly number[],
  migrate: boolean,
): Promise<LockWait[]> {
  const { rows } = await pool.query<
    LockHolder & { waiter: number; what: string; seconds: number | null }
  >(
    `with waiting as (
       select pg_locks.*, (classid::int8 << 32) | objid::int8 as key,
         case when classid::int8 < 2147483648 then classid::int8 else classid::int8 - 4294967296 end as first_key
       from pg_catalog.pg_locks where not granted
     )
     select waiting.pid as waiter, ${LOCK_DESCRIPTION} as what,
       extract(epoch from pg_catalog.clock_timestamp() - waiting.waitstart)::int as seconds,
       blocking.pid, holder.application_name as application, holder.usename as user, holder.state,
       case when holder.state = 'active' then holder.query_start else holder.state_change end as since
     from waiting
       cross join lateral unnest(pg_catalog.pg_blocking_pids(waiting.pid)) as blocking (pid)
       left join pg_catalog.pg_stat_activity as holder on holder.pid = blocking.pid
     where waiting.pid = any($1::int[])
       or ($2 and waiting.locktype = 'advisory' and waiting.objsubid = 1
         and waiting.key = pg_catalog.hashtext('pg-lsh migrate'))
     order by waiting.pid, blocking.pid`,
    [pids, migrate],
  )
  const waits = new Map<number, LockWait & { holders: LockHolder[] }>()
  for (const { waiter, what, seconds, ...holder } of rows) {
    const wait = waits.get(waiter) ?? { what, seconds: seconds ?? 0, holders: [] }
    waits.set(waiter, wait)
    wait.holders.push(holder)
  }
  return [...waits.values()]
}
