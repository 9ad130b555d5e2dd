import { beforeAll, describe, expect, inject, it } from 'vitest'
import { random } from '../../src/core/random.js'
import { inTransaction, useTestDatabase } from '../database.js'
import { expectRefusal, rowsOf, valueOf } from './asking.js'
import { addTable, codesOutOfStep, lattice } from './hashed-table.js'

const database = useTestDatabase()
const query = <T>(text: string, values: unknown[] = []) => rowsOf<T>(database.store, text, values)

/** Expects the codes of a table `(id, note, v)` to equal those computed from its rows. */
async function expectInStep(table: string, statement: string): Promise<void> {
  const source = `select id as key, v from ${table}`
  const difference = await codesOutOfStep(database.store, table, source)
  expect({ statement, difference }).toEqual({ statement, difference: [] })
}

async function addHashed(name: string, rows = 20): Promise<void> {
  await addTable(database.store, name, lattice({ rows, dims: 4, seed: rows }))
  await query(`select lsh.create_index('${name}', 'v', 'four')`)
}

beforeAll(async () => {
  await addTable(database.store, 'model', lattice({ rows: 60, dims: 4, seed: 1 }))
  await query(`select lsh.create_family('four', 'model', 'v', bits => 32, bucket_bits => 3)`)
})

describe('the triggers of an index keep its codes in step with', () => {
  beforeAll(() => addHashed('kept'))

  it.each([
    { what: 'an insert', statement: `insert into kept values (100, 'x', '[1,2,3,4]')` },
    {
      what: 'an insert of several rows, some without vector',
      statement: `insert into kept values (101, '', '[4,4,4,4]'), (102, '', null), (103, '', '[0,0,0,0]')`,
    },
    { what: 'an update of vectors', statement: `update kept set v = '[0,1,0,1]' where id <= 3` },
    { what: 'an update to no vector', statement: 'update kept set v = null where id <= 2' },
    {
      what: 'an update from no vector',
      statement: `update kept set v = '[2,2,2,2]' where v is null`,
    },
    { what: 'an update of another column', statement: `update kept set note = 'changed'` },
    { what: 'an update of the key', statement: 'update kept set id = id + 1000 where id > 10' },
    { what: 'an update of all keys at once', statement: 'update kept set id = -id' },
    { what: 'an update of no row', statement: `update kept set v = '[0,0,0,0]' where false` },
    { what: 'a delete', statement: 'delete from kept where id % 3 = 0' },
    {
      what: 'an insert on conflict do update',
      statement: `insert into kept values (-5, '', '[4,0,4,0]'), (300, '', '[1,1,1,1]')
                  on conflict (id) do update set v = excluded.v`,
    },
    {
      what: 'an insert on conflict do nothing',
      statement: `insert into kept values (-5, '', '[0,0,0,0]'), (301, '', '[1,0,0,1]')
                  on conflict do nothing`,
    },
    {
      what: 'a merge',
      statement: `merge into kept using (values (-5, 1), (300, 2), (400, 3)) as given (id, how)
                    on given.id = kept.id
                  when matched and how = 1 then update set v = '[2,2,0,0]'
                  when matched then delete
                  when not matched then insert values (given.id, '', '[0,0,2,2]')`,
    },
    {
      what: 'a delete, an update and an insert in one statement',
      statement: `with gone as (delete from kept where id = -7 returning id, v),
                       moved as (update kept set v = '[1,3,1,3]' where id = -8 returning id)
                  insert into kept select 500 - id, '', v from gone`,
    },
    {
      what: 'two updates in one statement',
      statement: `with first as (update kept set v = '[4,3,2,1]' where id = -5 returning id)
                  update kept set v = '[4,3,2,2]' where id = 400`,
    },
    { what: 'a truncate', statement: 'truncate kept' },
  ])('$what', async ({ statement }) => {
    await query(statement)
    await expectInStep('kept', statement)
  })

  it('a copy', async () => {
    await addHashed('copied')
    await database.store.transaction(({ copy }) =>
      copy({ table: 'copied', columns: { id: 'int4', v: 'vector' } }, [
        [100, [1, 2, 3, 4]],
        [101, null],
        [102, [4, 3, 2, 1]],
      ]),
    )
    expect(await valueOf(database.store, 'select count(*)::int from lsh_index.copied')).toBe(22)
    await expectInStep('copied', 'copy')
  })

  it('a statement that deletes a row and gives its key to another', async () => {
    await addHashed('passed')
    // The update ends first, so that the trigger of the delete fires last.
    await query(
      `with gone as (delete from passed where id in (3, 9) returning id)
       update passed set id = 3 where id = 4 and exists (select from gone)`,
    )
    expect(await query('select id from passed where id in (3, 4, 9)')).toEqual([{ id: 3 }])
    await expectInStep('passed', 'passed on')
  })

  it('a delete that cascades', async () => {
    await query('create table parent (id int primary key)')
    await query('insert into parent select generate_series(1, 20)')
    await addHashed('child')
    await query(
      `alter table child add foreign key (id) references parent on delete cascade on update cascade`,
    )
    await query('delete from parent where id <= 5')
    expect(await valueOf(database.store, 'select count(*)::int from lsh_index.child')).toBe(15)
    await expectInStep('child', 'delete')
    await query('update parent set id = id + 100')
    await expectInStep('child', 'update')
    await query('truncate parent cascade')
    expect(await query('select from lsh_index.child')).toEqual([])
  })

  it('a transaction that is rolled back', async () => {
    await addHashed('undone')
    const failed = database.store.transaction(async ({ db }) => {
      await rowsOf({ db }, 'delete from undone where id < 10')
      await rowsOf({ db }, `insert into undone values (100, '', '[1,1,1,1]')`)
      throw new Error('on purpose')
    })
    await expect(failed).rejects.toThrow('on purpose')
    await expectInStep('undone', 'rollback')
  })

  it('a trigger of the user that changes the rows again', async () => {
    await addHashed('changed')
    await query(
      `create function change_again() returns trigger language plpgsql as $$
       begin
         if pg_trigger_depth() = 1 then
           update changed set v = '[0,0,0,0]' where id = new.id;
         end if;
         return null;
       end $$`,
    )
    await query(
      `create trigger change_again after insert or update on changed
       for each row execute function change_again()`,
    )
    await query(`insert into changed values (100, '', '[1,2,3,4]')`)
    await expectInStep('changed', 'insert')
    await query(`update changed set v = '[4,4,4,4]' where id < 5`)
    await expectInStep('changed', 'update')
  })

  it('writes of a role without rights on the code table', async () => {
    await addHashed('granted')
    await inTransaction(database.store, async (transaction) => {
      await rowsOf(transaction, 'create role lsh_test_writer')
      await rowsOf(
        transaction,
        'grant select, insert, update, delete on granted to lsh_test_writer',
      )
      await rowsOf(transaction, 'set local role lsh_test_writer')
      await rowsOf(transaction, `insert into granted values (100, '', '[1,2,3,4]')`)
      await rowsOf(transaction, `update granted set v = '[4,4,4,4]' where id = 1`)
      await rowsOf(transaction, 'delete from granted where id = 2')
      await rowsOf(transaction, 'reset role')
      const rows = 'select id as key, v from granted'
      expect(await codesOutOfStep(transaction, 'granted', rows)).toEqual([])
    })
  })

  it('hundreds of random statements', async () => {
    await addHashed('random')
    const source = random(11)
    const vector = () => `'[${Array.from({ length: 4 }, () => source.integer(0, 4)).join()}]'`
    const vectorOrNull = () => (source.uniform() < 0.15 ? 'null' : vector())
    // Keys count up, so that changing the sign of all keys makes no duplicates.
    let last = 20
    const someKey = () => source.integer(1, last) * (source.uniform() < 0.5 ? -1 : 1)
    const rows = (key: () => number) =>
      Array.from(
        { length: source.integer(1, 3) },
        () => `(${key()}, 'new', ${vectorOrNull()})`,
      ).join(', ')
    const some = () => `abs(id) % ${source.integer(2, 5)} = ${source.integer(0, 1)}`
    const statements: (() => string)[] = [
      () => `insert into random values ${rows(() => ++last)}`,
      () => `insert into random values (${someKey()}, 'up', ${vectorOrNull()})
             on conflict (id) do update set v = excluded.v, note = 'up'`,
      () => `insert into random values ${rows(someKey)} on conflict do nothing`,
      () => `update random set v = ${vectorOrNull()} where ${some()}`,
      () => `update random set v = v, note = 'same' where ${some()}`,
      () => `update random set note = note || '.' where ${some()}`,
      () => `update random set id = -id
             where not exists (select from random as other where other.id = -random.id)`,
      () => `update random set id = ${++last}, v = ${vectorOrNull()} where id = ${someKey()}`,
      () => `update random set v = other.v from random as other where other.id = -random.id`,
      () => `delete from random where id = ${someKey()}`,
      () => `delete from random where ${some()} and abs(id) < ${last - 30}`,
      () => `with gone as (delete from random where id = ${someKey()} returning v)
             insert into random select ${++last}, 'moved', v from gone`,
      () => (source.uniform() < 0.1 ? 'truncate random' : 'select 1'),
    ]
    let most = 0
    for (let i = 0; i < 300; i++) {
      const statement = (statements[source.integer(0, statements.length - 1)] as () => string)()
      await query(statement)
      await expectInStep('random', `${i}: ${statement}`)
      most = Math.max(
        most,
        await valueOf<number>(database.store, 'select count(*)::int from lsh_index.random'),
      )
    }
    expect(most).toBeGreaterThan(20)
  })

  it.skipIf(inject('engine') === 'embedded')('concurrent writers', async () => {
    await addHashed('shared')
    const writer = async (number: number) => {
      const source = random(number)
      for (let i = 0; i < 40; i++) {
        const key = source.integer(1, 8)
        const value = source.integer(0, 4)
        await query(
          i % 3 === 0
            ? `delete from shared where id = ${key}`
            : `insert into shared values (${key}, '', '[${value},1,2,3]')
               on conflict (id) do update set v = excluded.v`,
        )
      }
    }
    await Promise.all([writer(1), writer(2), writer(3), writer(4)])
    await expectInStep('shared', 'four writers')
  })
})

describe('an index that the loader maintains', () => {
  it('is not changed by writes to its table', async () => {
    await addTable(database.store, 'loaded', lattice({ rows: 20, dims: 4, seed: 2 }))
    await query(`select lsh.create_index('loaded', 'v', 'four', maintain => 'loader')`)
    expect(await query('select from lsh_index.loaded')).toEqual([])
    await query(`insert into lsh_index.loaded values (0, 1, repeat('1', 32)::bit(32), 1)`)
    for (const statement of [
      `insert into loaded values (100, '', '[1,2,3,4]')`,
      `update loaded set v = '[1,1,1,1]'`,
      'delete from loaded where id < 5',
      'truncate loaded',
    ]) {
      await query(statement)
      expect(await query('select bucket, key from lsh_index.loaded')).toEqual([
        { bucket: 0, key: 1 },
      ])
    }
    const triggers = `select from pg_trigger where tgrelid = 'loaded'::regclass`
    expect(await query(triggers)).toEqual([])
  })
})

describe('the trigger function of an index', () => {
  it('writes no codes when it is attached to another table', async () => {
    await addHashed('victim')
    const [{ id }] = (await query(`select id from lsh.index where name = 'victim'`)) as [
      { id: number },
    ]
    await query('create table intruder (id int primary key, v vector(4))')
    await query(
      `create trigger intrude after insert on intruder referencing new table as new_rows
       for each statement execute function lsh_index.victim('${id}')`,
    )
    await expectRefusal(
      database.store,
      `insert into intruder values (999, '[1,1,1,1]')`,
      'LSH01',
      'not registered',
    )
    expect(await query('select key from lsh_index.victim where key = 999')).toEqual([])
  })
})
