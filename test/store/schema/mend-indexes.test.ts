import { describe, expect, it } from 'vitest'
import { indexComplaints } from '../../../src/store/schema/mend-indexes.js'
import { migrate } from '../../../src/store/schema/migrate.js'
import { useTestDatabase } from '../../database.js'
import { setEventTriggers } from '../../sql/roles.js'

const database = useTestDatabase()
const ask = async (text: string) => (await database.store.pool.query(text)).rows as unknown[]

describe('migrate', () => {
  it('repairs indexes after changes made without event triggers, and reports the others', async () => {
    await setEventTriggers(database, 'disable')
    for (const name of ['renamed', 'widened', 'dropped', 'untriggered', 'retyped', 'fine']) {
      await ask(`create table ${name} (id int primary key, v vector(3))`)
      await ask(
        `insert into ${name} select i, array[sin(i), cos(i), i % 7]::vector from generate_series(1, 50) as i`,
      )
    }
    await ask(`select lsh.create_family('f', 'fine', 'v', bits => 32, kind => 'sign')`)
    for (const name of ['renamed', 'widened', 'dropped', 'untriggered', 'retyped', 'fine'])
      await ask(`select lsh.create_index('${name}', 'v', 'f')`)
    expect(await indexComplaints(database.store.pool)).toEqual([])

    await ask('alter table renamed rename column v to w')
    await ask('alter table widened alter column id type bigint')
    await ask('drop table dropped')
    await ask(
      `do $$ declare made name; begin
         for made in select tgname from pg_trigger where tgrelid = 'untriggered'::regclass and not tgisinternal loop
           execute format('drop trigger %I on untriggered', made);
         end loop; end $$`,
    )
    await ask('alter table retyped alter column v type text using v::text')
    const complained = (await indexComplaints(database.store.pool)).map(({ index }) => index)
    expect([...new Set(complained)]).toEqual([
      'dropped',
      'renamed',
      'retyped',
      'untriggered',
      'widened',
    ])

    expect(await migrate(database.store)).toEqual({
      applied: [],
      installed: false,
      unmended: [
        {
          index: 'retyped',
          problem: expect.stringContaining('has type text, not vector'),
          hint: expect.stringContaining('lsh.drop_index'),
        },
      ],
    })
    expect((await indexComplaints(database.store.pool)).map(({ index }) => index)).toEqual([
      'retyped',
    ])
    expect(await ask(`select from lsh.index where name = 'dropped'`)).toEqual([])
    await ask(`insert into renamed values (1000, '[1,2,3]')`)
    await ask(`insert into widened values (5000000000, '[1,2,3]')`)
    await ask(`insert into untriggered values (1000, '[1,2,3]')`)
    for (const name of ['renamed', 'widened', 'untriggered', 'fine'])
      expect(await ask(`select * from lsh.verify_index('${name}')`)).toEqual([])
  })
})
