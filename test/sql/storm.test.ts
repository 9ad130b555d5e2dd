import { expect, inject, it } from 'vitest'
import { random, type Random } from '../../src/core/random.js'
import { useTestDatabase } from '../database.js'
import { clumps } from '../hash/sample.js'
import { rowsOf, valueOf } from './asking.js'
import { addTable, codesOutOfStep } from './hashed-table.js'

const database = useTestDatabase()
const query = (text: string) => rowsOf(database.store, text)
const operations = 10_000
/** SQLSTATEs that concurrent operations may cause: unique violations and deadlocks. */
const PASSING = ['23505', '40P01']

/** A random statement on keys from 1 to 900, with vectors of the table "source". */
function statementOf(source: Random): string {
  const id = source.integer(1, 900)
  const vector = `(select v from source where id = ${source.integer(1, 300)})`
  const statements = [
    () =>
      `insert into busy values (${id}, ${vector}) on conflict (id) do update set v = excluded.v`,
    () => `insert into busy select id + ${id}, v from source where id < 5 on conflict do nothing`,
    () => `update busy set v = ${vector} where id % 97 = ${id % 97}`,
    () => `update busy set id = id + 1000 where id = ${id}`,
    () => `update busy set v = null where id % 211 = ${id % 211}`,
    () => `delete from busy where id % 89 = ${id % 89}`,
  ]
  return statements[source.integer(0, statements.length - 1)]!()
}

it('10,000 concurrent writes and calls of lsh.reindex leave every code in step with its row', async () => {
  await addTable(database.store, 'source', clumps({ dims: 8, rows: 300, seed: 41 }))
  await query(`create table busy as select id, v from source`)
  await query(`alter table busy add primary key (id)`)
  for (const [seed, kind] of ['kernel', 'sign'].entries())
    await query(
      `select lsh.create_family('${kind}', 'source', 'v', bits => 64, kind => '${kind}', seed => ${seed})`,
    )
  await query(`select lsh.create_index('busy', 'v', 'sign')`)
  // PGlite has one session, which runs one operation at a time.
  const writers = inject('engine') === 'server' ? 4 : 1
  let done = 0
  let met = 0
  const writer = async (seed: number) => {
    const source = random(seed)
    while (done < operations) {
      done++
      const text =
        done % 500 === 0
          ? `select lsh.reindex('busy', '${done % 1000 === 0 ? 'sign' : 'kernel'}')`
          : statementOf(source)
      await query(text).catch((error: unknown) => {
        const { code } = error as { code?: string }
        if (!PASSING.includes(code ?? '')) throw error
        met++
      })
    }
  }
  await Promise.all(Array.from({ length: writers }, (_, i) => writer(i + 1)))
  expect(await query(`select * from lsh.verify_index('busy')`)).toEqual([])
  expect(await codesOutOfStep(database.store, 'busy', 'select id as key, v from busy')).toEqual([])
  expect(await valueOf<number>(database.store, 'select count(*)::int from busy')).toBeGreaterThan(
    50,
  )
  // Most operations succeeded.
  expect(met).toBeLessThan(operations / 10)
}, 300_000)
