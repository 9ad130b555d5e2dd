import { beforeAll, describe, expect, it } from 'vitest'
import { useTestDatabase } from '../../database.js'
import { rowsOf, valueOf } from '../asking.js'
import { asRole, setEventTriggers, useRoles } from '../roles.js'

const database = useTestDatabase()
const { mallory } = useRoles(database, ['mallory'])
const query = <T>(text: string) => rowsOf<T>(database.store, text)

/** Runs all operations on an index as a superuser; returns those that ran mallory's code as the superuser. */
async function tryAll(index: string, table: string): Promise<string[]> {
  const ran: string[] = []
  for (const text of [
    `insert into ${table} select '77', '[7,7,7]'`,
    `update ${table} set v = '[1,1,2]'`,
    `delete from ${table} where v = '[0,0,0]'`,
    ...['buckets', 'scan', 'exact'].map(
      (stage) =>
        `select * from lsh.search('${index}', '[1,2,3]', k => 2, stage => '${stage}', exclude => '{3}',
           allowed => '{1,2,4,5}', filter => '{"id": "1"}')`,
    ),
    `select * from lsh.search_exact('${index}', '[1,2,3]')`,
    `select * from lsh.nearest(null::${table}, query => '[1,2,3]')`,
    `select * from lsh.explain_search('${index}', '[1,2,3]')`,
    `select * from lsh.compare('${index}', '{1,2}')`,
    `select * from lsh.index_stats('${index}')`,
    `select * from lsh.verify_index('${index}')`,
    `select * from lsh.verify_index('${index}', repair => true)`,
    `select * from lsh.tune('${index}', sample => 2)`,
    `select lsh.compact_index('${index}')`,
    `select lsh_internal.begin_load('${index}')`,
    `select lsh.mend_index('${index}')`,
    `select lsh.grant_search('${index}', '${mallory}')`,
    `select lsh.reindex('${index}', 'hers')`,
    `select lsh.reindex('${index}', 'hers', build => 'later')`,
    `call lsh.build_index('${index}_next')`,
    `select lsh.switch_index('${index}', '${index}_next')`,
    `select lsh.calibrate('${table}', 'v')`,
    `select lsh.create_family('again_${index}', '${table}', 'v', bits => 32)`,
    `truncate ${table}`,
    `select lsh.drop_index('${index}_next')`,
    `select lsh.drop_index('${index}')`,
  ]) {
    // A refusal is fine. The sequence keeps its value even if the transaction is rolled back.
    await query('alter sequence public.ran_as_superuser restart')
    await query(text).catch(() => undefined)
    if (await valueOf(database.store, 'select is_called from public.ran_as_superuser'))
      ran.push(text)
  }
  return ran
}

/** Whether a statement writes to the table itself: its checks and triggers run with the rights of the writer. */
const writes = (text: string) => /^(insert|update|delete|truncate)/.test(text)

let made = 0

/** Creates a table of mallory that a superuser has indexed; returns its name. */
async function addIndexed(key = 'int'): Promise<string> {
  const name = `doc_${++made}`
  await asRole(database, mallory, async (ask) => {
    await ask(`create table hers.${name} (id ${key} primary key, v vector(3))`)
    await ask(
      `insert into hers.${name} select i::text::${key}, array[i, 1, 2]::vector from generate_series(1, 20) as i`,
    )
  })
  await query(`select lsh.create_index('hers.${name}', 'v', 'hers', '${name}')`)
  return name
}

beforeAll(async () => {
  await query(`create sequence public.ran_as_superuser`)
  await query(`grant usage on sequence public.ran_as_superuser to public`)
  await query(`create schema hers authorization ${mallory}`)
  await query(`select lsh.grant_create('${mallory}')`)
  await asRole(database, mallory, async (ask) => {
    await ask(
      `create function hers.ran() returns boolean language plpgsql as $$
       begin
         if (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
           perform nextval('public.ran_as_superuser');
         end if;
         return true;
       end $$`,
    )
    await ask(
      `create function hers.ran_in_trigger() returns trigger language plpgsql as
       $$ begin perform hers.ran(); return coalesce(new, old); end $$`,
    )
    await ask(
      `create function hers.ran_in_index(int) returns int immutable language plpgsql as
       $$ begin perform hers.ran(); return $1; end $$`,
    )
    await ask('create table hers.model (id int primary key, v vector(3))')
    await ask(
      'insert into hers.model select i, array[i, 1, 2]::vector from generate_series(1, 20) as i',
    )
  })
  await query(`select lsh.create_family('hers', 'hers.model', 'v', bits => 64)`)
  await asRole(database, mallory, async (ask) => {
    await ask(`create type hers.evil as enum ('1', '2', '3')`)
    for (const [name, type, result] of [
      ['to_int', 'int', '1'],
      ['to_text', 'text', `'1'`],
    ] as const) {
      await ask(
        `create function hers.${name}(hers.evil) returns ${type} language plpgsql as
         $$ begin perform hers.ran(); return ${result}; end $$`,
      )
      await ask(
        `create cast (hers.evil as ${type}) with function hers.${name}(hers.evil) as implicit`,
      )
    }
    await ask(
      `create function hers.from_text(text) returns hers.evil language plpgsql as
       $$ begin perform hers.ran(); return '1'::hers.evil; end $$`,
    )
    await ask(`create cast (text as hers.evil) with function hers.from_text(text) as implicit`)
    await ask('create type hers.bits as (b bit varying)')
    await ask(
      `create function hers.to_bit(hers.bits) returns bit language plpgsql as
       $$ begin perform hers.ran(); return $1.b; end $$`,
    )
    await ask('create cast (hers.bits as bit) with function hers.to_bit as implicit')
    await ask('create domain hers.checked as int check (hers.ran())')
    await ask('create type hers.pair as (a hers.checked, b int)')
  })
})

describe.each(['enable', 'disable'] as const)('with event triggers %sd', (state) => {
  beforeAll(() => setEventTriggers(database, state))

  it.each([
    {
      what: 'casts of the type that a key gets',
      steps: [
        'alter table hers.$ drop constraint $_pkey',
        'truncate hers.$',
        `alter table hers.$ alter column id type hers.evil using '1'`,
        'alter table hers.$ add primary key (id)',
        `insert into hers.$ values ('1', '[1,2,3]')`,
      ],
    },
    {
      what: 'the check of a domain that a key gets',
      ownChecks: true,
      steps: ['alter table hers.$ alter column id type hers.checked'],
    },
    {
      what: 'a composite key',
      ownChecks: true,
      steps: ['truncate hers.$', 'alter table hers.$ alter column id type hers.pair using null'],
    },
    {
      what: 'a trigger of the code table',
      steps: [
        `create trigger t before insert or update or delete on lsh_index.$
         for each row execute function hers.ran_in_trigger()`,
        `create trigger s before truncate on lsh_index.$
         for each statement execute function hers.ran_in_trigger()`,
      ],
    },
    {
      what: 'a check of the code table',
      steps: ['alter table lsh_index.$ add constraint c check (hers.ran())'],
    },
    {
      what: 'a default of the code table',
      steps: ['alter table lsh_index.$ add column extra boolean default hers.ran()'],
    },
    {
      what: 'a rule of the code table',
      steps: ['create rule r as on insert to lsh_index.$ do also select hers.ran()'],
    },
    {
      what: 'an index of the code table over a function',
      steps: ['create index on lsh_index.$ (hers.ran_in_index(bucket))'],
    },
    {
      what: 'the trigger of a table that refers to the code table',
      steps: [
        'create table hers.ref_$ (k int references lsh_index.$ (key) on delete cascade)',
        'insert into hers.ref_$ select key from lsh_index.$',
        `create trigger t after delete on hers.ref_$ for each row execute function hers.ran_in_trigger()`,
        'update lsh_index.$ set bucket = bucket + 1',
      ],
    },
    {
      what: 'casts of the type that a column of the code table gets',
      steps: [
        `alter table lsh_index.$ alter column code type hers.bits using row(code)::hers.bits`,
      ],
    },
    {
      what: 'a policy of the code table',
      steps: ['create policy q on lsh_index.$ as restrictive using (hers.ran())'],
    },
    {
      what: 'a policy of the table',
      steps: [
        'alter table hers.$ enable row level security, force row level security',
        'create policy p on hers.$ using (hers.ran())',
      ],
    },
    {
      what: 'a function in place of that of the policy of the code table',
      steps: [
        `create or replace function lsh_index.$(int) returns boolean language plpgsql as
         'begin return hers.ran(); end'`,
      ],
    },
  ])('a superuser does not run $what', async ({ steps, ownChecks = false }) => {
    const name = await addIndexed()
    await asRole(database, mallory, async (ask) => {
      // Mallory cannot use what she is refused.
      for (const step of steps) await ask(step.replaceAll('$', () => name)).catch(() => undefined)
    })
    const ran = await tryAll(name, `hers.${name}`)
    expect(ran.filter((text) => !ownChecks || !writes(text))).toEqual([])
  })

  it('a superuser does not read a view that takes the name of a code table', async () => {
    const name = await addIndexed()
    await query(`grant create on schema lsh_index to ${mallory}`)
    await asRole(database, mallory, async (ask) => {
      await ask(`alter table lsh_index.${name} rename to hidden_${name}`)
      await ask(
        `create view lsh_index.${name} as select * from lsh_index.hidden_${name} where hers.ran()`,
      )
    })
    expect(await tryAll(name, `hers.${name}`)).toEqual([])
    await query(`revoke create on schema lsh_index from ${mallory}`)
  })

  it('mallory cannot attach the trigger function of a superuser’s index to her table', async () => {
    await query(`create table mine_${state} (id int primary key, v vector(3))`)
    await query(`select lsh.create_index('mine_${state}', 'v', 'hers')`)
    const name = await addIndexed()
    await asRole(database, mallory, async (ask) => {
      await expect(
        ask(
          `create trigger borrowed after insert on hers.${name} referencing new table as new_rows
           for each statement execute function lsh_index.mine_${state}('1')`,
        ),
      ).rejects.toMatchObject({ code: '42501' })
    })
  })

  it('the triggers of a table that a superuser gives away run with the rights of the new owner', async () => {
    await query(`create table given_${state} (id int primary key, v vector(3))`)
    await query(`select lsh.create_index('given_${state}', 'v', 'hers')`)
    await query(`alter table given_${state} owner to ${mallory}`)
    const keeper = `select proowner::regrole::text from pg_proc
      where proname = 'given_${state}' and pronargs = 0`
    if (state === 'enable') expect(await valueOf(database.store, keeper)).toBe(mallory)
    else
      await asRole(database, mallory, async (ask) => {
        await expect(ask(`insert into given_${state} values (1, '[1,2,3]')`)).rejects.toMatchObject(
          { code: '55000', hint: expect.stringContaining('lsh.mend_index') },
        )
      })
    await query(`select lsh.mend_index('given_${state}')`)
    await asRole(database, mallory, (ask) =>
      ask(`insert into given_${state} values (2, '[1,2,3]')`),
    )
    expect(await query(`select * from lsh.verify_index('given_${state}')`)).toEqual([])
  })
})
