import { beforeAll, describe, expect, it } from 'vitest'
import { createFamilyOf } from '../../../src/store/codes/create-family.js'
import { fillIndex } from '../../../src/store/codes/fill-index.js'

import { useTestDatabase } from '../../database.js'
import { DRAWN_KINDS } from '../../hash/drawn-kinds.js'
import { rowsOf, valueOf } from '../asking.js'
import { FAMILY_KINDS } from '../../../src/hash/kinds.js'

const database = useTestDatabase()
const query = <T>(text: string) => rowsOf<T>(database.store, text)

/** Sizes of elements, up to the limits of single precision. */
const SIZES = ['1e-45', '1e-40', '1e-20', '1', '1e18', '1e20', '3e36', '3.4e38']
/** All kinds but itq, which cannot hash vectors of four dimensions. */
const KINDS = FAMILY_KINDS.filter((kind) => kind !== 'itq')
/** Whether squares fit single precision; all kinds but sign need them. */
const hasSquares = (size: string) => Number(size) < 1e17
const QUERIES = [
  `'[0,0,0,0]'`,
  `'[1,2,3,4]'`,
  `'[3e38,-3e38,3e38,3e38]'`,
  `'[1e-44,0,0,0]'`,
  '(select v from $ where id = 7)',
]

describe.each(SIZES)('vectors with elements of about %s', (size) => {
  const table = `sized_${size.replace(/\W/g, '_')}`

  beforeAll(async () => {
    await query(`create table ${table} (id int primary key, v vector(4))`)
    await query(
      `insert into ${table}
       select i, array[sin(i) * s, cos(i) * s, sin(i * i) * s, -s / (1 + i % 3)]::vector
       from generate_series(1, 100) as i, (values (${size}::numeric::float8)) as size (s)`,
    )
  })

  it.each(KINDS)(
    'can be hashed, searched and written, or are refused with a hint: kind %s',
    async (kind) => {
      const name = `${table}_${kind}`
      const of = { relation: table, column: 'v' }
      const created = createFamilyOf(database.store, of, { name, kind, bits: 32 })
      if (kind !== 'sign' && !hasSquares(size)) {
        await expect(created).rejects.toMatchObject({ hint: expect.stringContaining('Scale') })
        return
      }
      await created
      // SQL computes half of the codes, the client the other half.
      await query(
        `select lsh.create_index('${table}', 'v', '${name}', '${name}', build => 'later')`,
      )
      await query(`select lsh_internal.build_batch('${name}', 50)`)
      expect(await fillIndex(database.store, name)).toBe(50)
      expect(await query(`select * from lsh.verify_index('${name}')`)).toEqual([])
      for (const asked of QUERIES)
        for (const stage of ['scan', 'buckets']) {
          const found = await query(
            `select * from lsh.search('${name}', ${asked.replace('$', table)}, k => 3, stage => '${stage}')`,
          )
          expect({ asked, stage, found: found.length }).toEqual({ asked, stage, found: 3 })
        }
      await query(
        `insert into ${table} values (999, '[1,2,3,4]'), (1000, '[-3e38,3e38,0,1e-45]'), (1001, '[0,0,0,0]')`,
      )
      await query(`update ${table} set v = '[1e-45,3e38,1,0]' where id = 999`)
      expect(await query(`select * from lsh.verify_index('${name}')`)).toEqual([])
      await query(`delete from ${table} where id > 100`)
      await query(`select lsh.drop_index('${name}')`)
    },
  )

  it.each(DRAWN_KINDS)(
    'can have a family drawn in SQL, or are refused with a hint: kind %s',
    async (kind) => {
      const created = query(
        `select lsh.create_family('sql_${table}_${kind}', '${table}', 'v', bits => 32, kind => '${kind}')`,
      )
      if (kind === 'sign' || hasSquares(size)) await created
      else
        await expect(created).rejects.toMatchObject({
          code: '22003',
          hint: expect.stringContaining('Scale'),
        })
    },
  )
})

describe('a bandwidth', () => {
  it.each(['1e-80', '1e80'])('of %s is refused with a hint', async (bandwidth) => {
    await expect(
      query(
        `select lsh.create_family('odd', 'sized_1', 'v', bits => 16, bandwidth => ${bandwidth})`,
      ),
    ).rejects.toMatchObject({ code: '22003', hint: expect.stringContaining('Scale the vectors') })
  })
})

describe('the largest values of the options', () => {
  it.each([
    'k => 2147483647',
    'candidates => 2147483647',
    'probes => 2147483647',
    'k => 2147483647, candidates => 2147483647, probes => 2147483647',
  ])('%s return all rows that there are', async (options) => {
    await query(
      `select lsh.create_family('large', 'sized_1', 'v', bits => 32) where not exists (select from lsh.family where name = 'large')`,
    )
    await query(
      `select lsh.create_index('sized_1', 'v', 'large', 'large') where not exists (select from lsh.index where name = 'large')`,
    )
    for (const stage of ['scan', 'buckets', 'exact']) {
      const text = `select count(*)::int from lsh.search('large', '[1,2,3,4]', stage => '${stage}', ${options})`
      expect(await valueOf(database.store, text)).toBe(options.startsWith('k') ? 100 : 10)
    }
    await query(
      `create index if not exists large_graph on lsh_index.large using hnsw (code bit_hamming_ops)`,
    )
    await query(`select * from lsh.search('large', '[1,2,3,4]', stage => 'hnsw', ${options})`)
    await query(
      `select * from lsh.compare('large', '{1}', '{2147483647}', ${options.replace(/k => \d+(, )?/, '') || 'stage => null'})`,
    )
    await query(
      `select * from lsh.nearest(null::sized_1, item => '1', index => 'large', ${options})`,
    )
  })
})
