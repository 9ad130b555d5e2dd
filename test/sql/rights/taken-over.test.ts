import { setTimeout } from 'node:timers/promises'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { useTestDatabase } from '../../database.js'
import { rowsOf, valueOf } from '../asking.js'
import { asRole, useRoles } from '../roles.js'

const database = useTestDatabase()
const { mallory, victim, reader } = useRoles(database, ['mallory', 'victim', 'reader'])
const query = <T>(text: string) => rowsOf<T>(database.store, text)

/** Creates a table with an index and a family named after it. */
async function addIndexed(name: string, owner: string): Promise<void> {
  const [schema, table] = name.split('.')
  await asRole(database, owner, async (ask) => {
    await ask(`create table ${name} (id int primary key, v vector(3), mood text)`)
    await ask(
      `insert into ${name} select i, array[sin(i), cos(i), i % 7]::vector, 'a' from generate_series(1, 100) as i`,
    )
    await ask(`select lsh.create_family('${schema}_${table}', '${name}', 'v', bits => 64)`)
    await ask(`select lsh.create_index('${name}', 'v', '${schema}_${table}')`)
  })
}

beforeAll(async () => {
  for (const role of [mallory, victim]) {
    await query(`select lsh.grant_create('${role}')`)
  }
  await query(`create schema hers authorization ${mallory}`)
  await query(`create schema theirs authorization ${victim}`)
  await query(`grant usage on schema hers, theirs to public`)
})

describe('routines of other roles in lsh_index', () => {
  it('keep their owner when an index of the same name changes', async () => {
    await query(`create table public.papers (id int primary key, v vector(3))`)
    await query(
      `insert into papers select i, array[i, 1, 2]::vector from generate_series(1, 50) as i`,
    )
    await query(`select lsh.create_family('papers', 'papers', 'v', bits => 64)`)
    await query(`select lsh.create_index('papers', 'v', 'papers')`)
    await asRole(database, mallory, (ask) =>
      ask(
        `create function lsh_index.papers(command text, pad text) returns void language plpgsql security definer as
         'begin execute command; end'`,
      ),
    )
    await query(`select lsh.reindex('papers', 'papers')`)
    await query(`alter table papers rename to articles`)
    await query(`select lsh.mend_index('papers')`)
    expect(
      await query(
        `select pg_get_userbyid(proowner) as owner from pg_proc where proname = 'papers' and pronargs = 2`,
      ),
    ).toEqual([{ owner: mallory }])
    await query(`select lsh.drop_index('papers')`)
  })

  it.each(['function', 'procedure'])('block their name for a new index: %s', async (kind) => {
    await asRole(database, mallory, (ask) =>
      ask(
        `create ${kind} lsh_index.${kind}s() ${kind === 'function' ? 'returns int' : ''} language sql as 'select 1'`,
      ),
    )
    await expect(
      query(`select lsh.create_index('articles', 'v', 'papers', '${kind}s')`),
    ).rejects.toMatchObject({ code: '42710', hint: expect.stringContaining('another name') })
  })
})

describe('a table that changes its owner', () => {
  it('keeps no triggers and no trigger rights of the previous owner on the code table', async () => {
    await addIndexed('hers.sold', mallory)
    await asRole(database, mallory, async (ask) => {
      await ask(
        `create function hers.takes() returns trigger language plpgsql as 'begin return new; end'`,
      )
      await ask(
        `create trigger t before insert on lsh_index.sold for each row execute function hers.takes()`,
      )
      await ask(`grant trigger, insert, select on lsh_index.sold to ${reader}`)
    })
    if (await isSuperuser()) {
      await expect(query(`alter table hers.sold owner to ${victim}`)).rejects.toMatchObject({
        code: '42501',
        message: expect.stringContaining('trigger "t"'),
      })
    }
    await asRole(database, mallory, (ask) => ask('drop trigger t on lsh_index.sold'))
    await query(`alter table hers.sold owner to ${victim}`)
    await query(`select lsh.mend_index('sold')`)
    expect(
      await valueOf(
        database.store,
        `select string_agg(privilege_type, ' ') from pg_class, aclexplode(relacl)
         where oid = 'lsh_index.sold'::regclass and grantee <> relowner`,
      ),
    ).toBe('SELECT')
  })
})

const isSuperuser = () =>
  valueOf(database.store, 'select rolsuper from pg_roles where rolname = current_user')

describe('a filter', () => {
  it('calls no cast of the role that created the type of a column', async () => {
    await addIndexed('hers.moody', mallory)
    await query('create sequence public.ran')
    await query('grant usage on sequence public.ran to public')
    await asRole(database, mallory, async (ask) => {
      await ask(`create type hers.mood as enum ('a', 'b')`)
      await ask(
        `create function hers.to_text(hers.mood) returns text language plpgsql as
         $$ begin perform nextval('public.ran'); return 'a'; end $$`,
      )
      await ask(`create cast (hers.mood as text) with function hers.to_text as implicit`)
      await ask(`alter table hers.moody alter column mood type hers.mood using 'a'`)
    })
    for (const filter of [
      '{"mood": "a"}',
      '{"mood": ["b", "a", null]}',
      '{"mood": {"gte": "a", "lt": "b"}}',
    ])
      expect(
        await query(`select key from lsh.search('moody', '[1,2,3]', 2, filter => '${filter}')`),
      ).toHaveLength(2)
    expect(await valueOf(database.store, 'select is_called from public.ran')).toBe(false)
  })
})

describe('codes of a table with policies', () => {
  it('stay hidden when another role plants a function and a table of the same name', async () => {
    await addIndexed('theirs.secret', victim)
    await asRole(database, victim, async (ask) => {
      await ask('alter table theirs.secret enable row level security')
      await ask(`create policy none on theirs.secret using (false)`)
      await ask(`select lsh.grant_search('secret', '${mallory}')`)
    })
    await query('alter schema theirs rename to elsewhere')
    await query(`create schema theirs authorization ${mallory}`)
    await asRole(database, mallory, async (ask) => {
      await ask('create table theirs.secret (id int)')
      await ask('insert into theirs.secret select generate_series(1, 1000)')
      await ask(
        `create function lsh_index.secret(text, text) returns boolean language plpgsql as
         'begin return exists (select from only elsewhere.secret as lsh_source where lsh_source.id operator(pg_catalog.=) $1); end'`,
      )
      const seen = await ask('select key from lsh_index.secret').catch(
        (error: unknown) => (error as { code: string }).code,
      )
      expect([[], '55000']).toContainEqual(seen)
    })
    await query('drop schema theirs cascade')
    await query('alter schema elsewhere rename to theirs')
  })

  it('do not reveal the key that a build has reached', async () => {
    await asRole(database, victim, async (ask) => {
      await ask(
        `select lsh.create_index('theirs.secret', 'v', 'theirs_secret', 'later', build => 'later')`,
      )
      await ask(`select lsh_internal.build_batch('later', 5)`)
    })
    await asRole(database, mallory, async (ask) => {
      expect(await ask('select index_id, done, total from lsh.index_progress')).toHaveLength(1)
    })
    await asRole(database, reader, async (ask) => {
      await expect(ask('select last_key from lsh.index_progress')).rejects.toMatchObject({
        code: '42501',
      })
    })
  })
})

describe('lsh.family', () => {
  it('can be read by every role, without the families of tables hidden from it', async () => {
    await query(`create schema private authorization ${victim}`)
    await addIndexed('private.doc', victim)
    for (const role of [mallory, reader])
      await asRole(database, role, (ask) => ask('select name from lsh.family'))
    await asRole(database, mallory, async (ask) => {
      expect(await ask(`select from lsh.family where name = 'private_doc'`)).toEqual([])
    })
  })
})

describe.runIf(inject('engine') === 'server')('a search that waits for a table', () => {
  it('does not read a view that takes the name of the table meanwhile', async () => {
    await addIndexed('hers.swapped', mallory)
    const client = await database.store.pool.connect()
    try {
      await client.query(`begin; set local role ${mallory}`)
      await client.query('alter table hers.swapped rename to before')
      await client.query(
        `create view hers.swapped as select 1 as id, '[1,2,3]'::vector as v, nextval('public.ran')::text as mood`,
      )
      const search = query(`select key from lsh.search('swapped', '[1,2,3]', 3)`)
      // The search either fails with a serialization error or reads the renamed table.
      const answered = search.catch((error: unknown) => (error as { code?: string }).code)
      await setTimeout(500)
      await client.query('commit')
      const nearest = `select id::text as key from hers.before order by v <-> '[1,2,3]', id limit 3`
      expect(['40001', await query(nearest)]).toContainEqual(await answered)
      expect(await valueOf(database.store, 'select is_called from public.ran')).toBe(false)
    } finally {
      await client.query('rollback')
      client.release()
    }
  })
})
