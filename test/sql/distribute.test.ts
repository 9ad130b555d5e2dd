import { beforeAll, describe, expect, it } from 'vitest'
import { useTestDatabase } from '../database.js'
import { rowsOf } from './asking.js'

const database = useTestDatabase()

beforeAll(async () => {
  await rowsOf(
    database.store,
    `create table document (id int primary key, v vector(4) not null);
     insert into document select i, array[i, sin(i), cos(i), 1]::vector from generate_series(1, 60) as i;
     select lsh.create_family('document', 'document', 'v', bits => 16);
     select lsh.create_index('document', 'v', 'document')`,
  )
})

describe('a database without Citus', () => {
  it.each([`select lsh.distribute('document')`, `select lsh.undistribute('document')`])(
    'refuses "%s" and names the missing extension',
    async (statement) => {
      await expect(rowsOf(database.store, statement)).rejects.toMatchObject({
        code: '0A000',
        message: 'this database has no extension citus',
        hint: expect.stringContaining('create extension citus') as string,
      })
    },
  )

  it('refuses an index that does not exist before it asks for Citus', async () => {
    await expect(rowsOf(database.store, `select lsh.distribute('nothing')`)).rejects.toMatchObject({
      code: 'LSH01',
    })
  })

  it('reports tables as not distributed', async () => {
    const [row] = await rowsOf<{ spread: number }>(
      database.store,
      `select count(*) filter (where lsh_internal.is_distributed('document'::regclass))::int as spread from generate_series(1, 2)`,
    )
    expect(row).toEqual({ spread: 0 })
  })
})
