/** Checks of the database after the clients of a torture run have stopped. */
import type pg from 'pg'
import { random } from '../../src/core/random.js'
import { checkedSearch } from './searches.js'
import type { World } from './world.js'

/** Descriptions of all faults found; empty if there are none. */
export async function faultsOf(client: pg.Client, world: World, seed: number): Promise<string[]> {
  const faults: string[] = []
  const { rows: indexes } = await client.query<{ name: string; state: string }>(
    'select name, state from lsh.index order by id',
  )
  for (const { index } of world.tables)
    if (!indexes.some(({ name, state }) => name === index && state === 'ready'))
      faults.push(`index "${index}" is gone or not ready`)
  for (const { name, state } of indexes) {
    if (state === 'building') await client.query(`call lsh.build_index('${name}')`)
    const { rowCount } = await client.query(`select * from lsh.verify_index('${name}')`)
    if (rowCount) faults.push(`index "${name}": ${rowCount} codes out of step`)
  }
  const strays = await client.query<{ what: string }>(
    `select 'table ' || oid::regclass as what from pg_class
     where relnamespace = 'lsh_index'::regnamespace and relkind = 'r' and oid not in (select codes from lsh.index)
     union all
     select 'function ' || oid::regprocedure from pg_proc
     where pronamespace = 'lsh_index'::regnamespace and proname not in (select name from lsh.index)
     union all
     select 'trigger ' || tgname from pg_trigger
     where not tgisinternal and tgname ~ '^lsh_\\d+_' and split_part(tgname, '_', 2)::int not in (select id from lsh.index)
     union all
     select 'complaint ' || complaint.problem from lsh.index cross join lateral lsh_internal.complaint(index) as complaint`,
  )
  faults.push(...strays.rows.map(({ what }) => `left over: ${what}`))
  const source = random(seed)
  for (let round = 0; round < 300; round++) {
    const wrong = await checkedSearch(client, world, source)
    if (wrong !== null) faults.push(wrong)
  }
  return faults
}
