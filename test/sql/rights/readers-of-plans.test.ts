import { beforeAll, describe, expect, it } from 'vitest'
import { planFromVolume } from '../../../src/ingest/volume/volume.js'
import { loadPlan } from '../../../src/store/plans/load-plan.js'
import { vectorText } from '../../../src/store/connection/types.js'
import { tinyVolume } from '../../ingest/fixtures.js'
import { useTestDatabase } from '../../database.js'
import { rowsOf } from '../asking.js'
import { lattice } from '../hashed-table.js'
import { asRole, undone, useRoles } from '../roles.js'

const database = useTestDatabase()
const roles = useRoles(database, ['reader', 'stranger'])
const query = <T>(text: string, values: unknown[] = []) => rowsOf<T>(database.store, text, values)
const PLANS = 6

beforeAll(async () => {
  for (let k = 0; k < PLANS; k++) {
    const plan = planFromVolume(tinyVolume({ k }), {
      sourceKey: `plan ${k}`,
      patient: `patient ${k}`,
      split: 'train',
      checksum: `${k}`,
      site: null,
    })
    await loadPlan(database.store, 'tiny', plan)
  }
  await query(
    `insert into cbir.encoder (name, dataset, architecture, dims, preprocessing, topology, weights,
       history, training, trained_on, checksum)
     values ('made', 'tiny', 'none', 3, '{}', '{}', '', '[]', '{}', '{}', 'made')`,
  )
  await query(`select cbir.create_space('made', 3, 'made')`)
  const vectors = lattice({ rows: 2 * PLANS, dims: 3, seed: 4, span: 9 }).map(vectorText)
  await query(
    `insert into space.made
     select item_id, vector::vector
     from (select item_id, row_number() over (order by item_id) as number from cbir.slice) as item
       join unnest($1::text[]) with ordinality as made (vector, number) using (number)`,
    [vectors],
  )
  await query(`select lsh.create_family('made', 'space.made', 'embedding', bits => 64)`)
  await query(`select lsh.create_index('space.made', 'embedding', 'made')`)
  await query(`select cbir.grant_reader('${roles.reader}')`)
})

const MAY = {
  'list plans': 'select 1 / count(*) from cbir.plans',
  'list slices': 'select 1 / count(*) from cbir.slices',
  'list structures': 'select from cbir.structures',
  'read histograms': 'select from cbir.dvh',
  'read figures of evaluations': 'select from cbir.evaluation_figures',
  'read features': 'select 1 / count(*) from space.made',
  'find similar slices': `select 1 / count(*) from cbir.similar_slices(1, 'made', k => 3)`,
  'find them exactly': `select 1 / count(*) from cbir.similar_slices_exact(1, 'made', k => 3)`,
  'compare both': `select 1 / count(*) from cbir.compare_slices('made', '{1}')`,
  'find similar plans': `select 1 / count(*) from cbir.similar_plans(1, 'made', k => 3)`,
  'search the index of a space': `select 1 / count(*) from lsh.search('made', '[1,2,3]', k => 3)`,
}

const MAY_NOT = {
  'delete a plan': 'select cbir.delete_plan(1)',
  'delete an image': 'delete from cbir.item',
  'change a patient': `update cbir.patient set pseudonym = 'x'`,
  'make a space': `select cbir.create_space('other', 3, 'made')`,
  'drop a space': `select cbir.drop_space('made')`,
  'write features': `insert into space.made values (1, '[1,2,3]')`,
  'write codes': 'delete from lsh_index.made',
  'verify the index': `select * from lsh.verify_index('made')`,
  'let others read': `select cbir.grant_reader('${roles.stranger}')`,
}

describe('a reader', () => {
  it.each(Object.entries(MAY))('may %s', async (_, text) => {
    expect(await asRole(database, roles.reader, (ask) => undone(ask, text))).toBe(true)
  })

  it.each(Object.entries(MAY_NOT))('may not %s', async (_, text) => {
    expect(await asRole(database, roles.reader, (ask) => undone(ask, text))).toMatch(/^42501/)
  })

  it('finds no rows and sees no codes that policies of a space hide', async () => {
    await query('alter table space.made enable row level security')
    await query(`create policy even on space.made using (item_id % 2 = 0)`)
    const keys = await asRole(database, roles.reader, (ask) =>
      ask<{ key: number }>(`select item_id as key from cbir.similar_slices(2, 'made', k => 100)`),
    )
    const codes = await asRole(database, roles.reader, (ask) =>
      ask<{ key: number }>('select key from lsh_index.made'),
    )
    await query('alter table space.made disable row level security')
    expect(keys).not.toEqual([])
    expect(keys.filter(({ key }) => key % 2 !== 0)).toEqual([])
    expect(codes).toHaveLength(PLANS)
  })
})

describe('a stranger', () => {
  it.each(Object.entries({ ...MAY, ...MAY_NOT }))('may not %s', async (_, text) => {
    expect(await asRole(database, roles.stranger, (ask) => undone(ask, text))).toMatch(/^42501/)
  })
})

describe('cbir.revoke_reader', () => {
  it('revokes all rights of a reader', async () => {
    await query(`select cbir.revoke_reader('${roles.reader}')`)
    for (const text of Object.values(MAY))
      expect(await asRole(database, roles.reader, (ask) => undone(ask, text)), text).toMatch(
        /^42501/,
      )
    await query(`select cbir.grant_reader('${roles.reader}')`)
  })

  it('refuses a role that does not exist', async () => {
    await expect(query(`select cbir.revoke_reader('nobody at all')`)).rejects.toMatchObject({
      code: '42704',
    })
  })
})
