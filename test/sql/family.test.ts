import { beforeAll, describe, expect, it } from 'vitest'
import { random } from '../../src/core/random.js'
import { clumps } from '../hash/sample.js'
import { inTransaction, useTestDatabase } from '../database.js'
import { expectRefusal, rowsOf, valueOf, warningsOf } from './asking.js'
import { addTable, lattice } from './hashed-table.js'

const database = useTestDatabase()
const query = <T>(text: string, values: unknown[] = []) => rowsOf<T>(database.store, text, values)
const refused = (text: string, code: string, message?: RegExp | string) =>
  expectRefusal(database.store, text, code, message)

interface Calibration {
  sampled: number
  radius: number
  mean_distance: number
  contrast: number
  bandwidth: number
  best_kind?: string
  dice?: Record<string, number>
}

interface Family {
  name: string
  kind: string
  dims: number
  bits: number
  seed: number
  bandwidth: number
  bucket_count: number
  calibration: Calibration
  version: number
  checksum: string
}

const families = (name: string) => query<Family>('select * from lsh.family where name = $1', [name])

/** The directions of a family as text, in full precision. */
function directions(family: string, where = 'true') {
  return query<{ purpose: string; ordinal: number }>(
    `select purpose, ordinal, weight::text, phase::text, threshold::text
     from lsh.projection
     where family_id = (select id from lsh.family where name = $1) and ${where}
     order by purpose, ordinal`,
    [family],
  )
}

beforeAll(async () => {
  await addTable(database.store, 'clumped', clumps({ dims: 8, rows: 400, seed: 1 }))
})

describe('lsh.create_family', () => {
  it('calibrates the bandwidth on the column', async () => {
    expect(
      await valueOf(
        database.store,
        `select lsh.create_family('plain', 'clumped', 'v', kind => 'kernel')`,
      ),
    ).toBe('plain')
    const [calibration] = await query<Calibration>(`select * from lsh.calibrate('clumped', 'v')`)
    const [family] = await families('plain')
    const measured = { ...calibration, best_kind: null, dice: null }
    expect(family).toMatchObject({
      kind: 'kernel',
      dims: 8,
      bits: 512,
      seed: 1,
      calibration: measured,
    })
    expect(family?.bandwidth).toBe(calibration?.bandwidth)
    expect(calibration?.sampled).toBe(400)
    expect(calibration?.contrast).toBeGreaterThan(1.5)
  })

  it('chooses the kind that finds most neighbours of a sample, and stores the figures of the choice', async () => {
    const [calibration] = await query<Calibration>(`select * from lsh.calibrate('clumped', 'v')`)
    const dice = Object.entries(calibration?.dice ?? {})
    expect(dice.map(([kind]) => kind).sort()).toEqual(['cosine', 'sign'])
    const best = dice.sort(([, a], [, b]) => b - a)[0]?.[0]
    expect(calibration?.best_kind).toBe(best)
    await query(`select lsh.create_family('chosen_kind', 'clumped', 'v')`)
    const [family] = await families('chosen_kind')
    expect(family).toMatchObject({
      kind: best,
      calibration: { best_kind: best, dice: calibration?.dice },
    })
  })

  it('creates families of rule 1, and a row of a later rule is refused', async () => {
    await expect(
      query(
        `insert into lsh.family
           (name, kind, dims, bits, levels, seed, bandwidth, center, bucket_kind, bucket_count, calibration, version, checksum)
         select 'newer', kind, dims, bits, levels, seed, bandwidth, center, bucket_kind, bucket_count, calibration, version + 1, ''
         from lsh.family where name = 'plain'`,
      ),
    ).rejects.toMatchObject({
      code: '0A000',
      message:
        'hash family "newer" makes codes by rule 2, but this version of pg-lsh only knows rule 1',
      hint: expect.stringContaining('pg-lsh migrate'),
    })
  })

  it('scales radius and bandwidth with the data', async () => {
    await query(
      'create table scaled as select id, note, lsh_internal.scaled(v, 8)::vector(8) as v from clumped',
    )
    await query('alter table scaled add primary key (id)')
    const radii = await query<Calibration>(
      `select * from lsh.calibrate('clumped', 'v')
       union all
       select * from lsh.calibrate('scaled', 'v')`,
    )
    const [near, far] = radii
    expect(far?.radius).toBeCloseTo(8 * (near?.radius ?? 0), 4)
    expect(64 * (far?.bandwidth ?? 0)).toBeCloseTo(near?.bandwidth ?? 0, 6)
  })

  it('stores a direction for each code bit and each bucket bit', async () => {
    await query(
      `select lsh.create_family('counted', 'clumped', 'v', bits => 100, bucket_bits => 5)`,
    )
    const purposes = (await directions('counted')).map(({ purpose }) => purpose)
    expect(purposes.filter((purpose) => purpose === 'code')).toHaveLength(100)
    expect(purposes.filter((purpose) => purpose === 'bucket')).toHaveLength(5)
  })

  it('chooses bucket bits so that a bucket has 4 to 64 rows on average', async () => {
    await query(`select lsh.create_family('chosen', 'clumped', 'v', bits => 16)`)
    const rows = 400 / ((await families('chosen'))[0]?.bucket_count ?? 1)
    expect(rows).toBeGreaterThanOrEqual(4)
    expect(rows).toBeLessThanOrEqual(64)
  })

  it('uses a given bandwidth', async () => {
    const warnings = await warningsOf(
      database.store,
      `select lsh.create_family('given', 'clumped', 'v', bits => 16,
         bandwidth => (select bandwidth * 1.1 from lsh.calibrate('clumped', 'v')))`,
    )
    expect(warnings).toEqual([])
    const [family] = await families('given')
    expect(family?.bandwidth).toBeCloseTo(1.1 * (family?.calibration.bandwidth ?? 0), 12)
  })

  it('draws the same directions from the same seed, and different ones from a different seed', async () => {
    for (const [name, seed] of [
      ['seed_a', 9],
      ['seed_b', 9],
      ['seed_c', 10],
    ] as const) {
      await query(`select lsh.create_family($1, 'clumped', 'v', bits => 32, seed => $2)`, [
        name,
        seed,
      ])
    }
    const [a] = await families('seed_a')
    const [b] = await families('seed_b')
    const [c] = await families('seed_c')
    expect(await directions('seed_a')).toEqual(await directions('seed_b'))
    expect(a?.checksum).toBe(b?.checksum)
    expect(c?.checksum).not.toBe(a?.checksum)
    const [first] = await directions('seed_a', `purpose = 'code' and ordinal = 0`)
    expect(await directions('seed_c', `purpose = 'code'`)).not.toContainEqual(first)
  })

  it('draws the same first bits for every number of bits', async () => {
    await query(`select lsh.create_family('bits_64', 'clumped', 'v', bits => 64)`)
    await query(`select lsh.create_family('bits_128', 'clumped', 'v', bits => 128)`)
    expect(await directions('bits_128', 'ordinal < 64')).toEqual(await directions('bits_64'))
    const different = await query(
      `select id from clumped
       where substring(lsh.encode('bits_128', v) for 64) <> lsh.encode('bits_64', v)`,
    )
    expect(different).toEqual([])
  })

  it('works on a table of two rows', async () => {
    await addTable(database.store, 'pair', [Float32Array.of(0, 0), Float32Array.of(3, 4)])
    await query(`select lsh.create_family('pair', 'pair', 'v', bits => 16)`)
    expect((await families('pair'))[0]?.calibration).toMatchObject({ sampled: 2, radius: 5 })
  })
})

describe('lsh.create_family refuses', () => {
  beforeAll(async () => {
    await query('create table keyless (v vector(4))')
    await query(`insert into keyless values ('[1,2,3,4]')`)
    await query('create table two_keys (a int, b int, v vector(4), primary key (a, b))')
    await query('create table empty (id int primary key, v vector(4))')
    await query('create table nothing (id int primary key, v vector(4))')
    await query('insert into nothing select generate_series(1, 20)')
    await query('create table lonely (id int primary key, v vector(4))')
    await query(`insert into lonely values (1, '[1,2,3,4]')`)
    await query(`select lsh.create_family('taken', 'clumped', 'v', bits => 16)`)
  })

  it.each([
    { what: 'a kind that does not exist', options: `kind => 'magic'`, message: '"magic"' },
    { what: '15 bits', options: 'bits => 15', message: 'not 15' },
    { what: '8193 bits', options: 'bits => 8193', message: 'not 8193' },
    { what: 'a bandwidth of 0', options: 'bandwidth => 0', message: 'not 0' },
    { what: 'a negative bandwidth', options: 'bandwidth => -1', message: 'not -1' },
    { what: 'a bandwidth that is no number', options: `bandwidth => 'nan'`, message: 'NaN' },
    { what: 'an infinite bandwidth', options: `bandwidth => 'infinity'`, message: 'Infinity' },
    { what: 'negative bucket bits', options: 'bucket_bits => -1', message: 'not -1' },
    { what: '17 bucket bits', options: 'bucket_bits => 17', message: 'not 17' },
    { what: 'more bucket bits than dimensions', options: 'bucket_bits => 9', message: 'not 9' },
  ])('$what', async ({ options, message }) => {
    await refused(`select lsh.create_family('bad', 'clumped', 'v', ${options})`, '22023', message)
  })

  it.each(['16', '8192'])('nothing at the limit of %s bits', async (bits) => {
    await query(`select lsh.create_family('edge_${bits}', 'clumped', 'v', bits => ${bits})`)
    expect((await families(`edge_${bits}`))[0]?.bits).toBe(Number(bits))
  })

  it.each([
    { what: 'a name that is taken', args: `'taken', 'clumped', 'v'`, code: '42710' },
    { what: 'a column that does not exist', args: `'bad', 'clumped', 'nope'`, code: '42703' },
    { what: 'a column of another type', args: `'bad', 'clumped', 'note'`, code: '42804' },
    { what: 'a table without primary key', args: `'bad', 'keyless', 'v'`, code: '42P16' },
    { what: 'a primary key of two columns', args: `'bad', 'two_keys', 'v'`, code: '42P16' },
    { what: 'an empty table', args: `'bad', 'empty', 'v'`, code: 'LSH03' },
    { what: 'a table whose vectors are all null', args: `'bad', 'nothing', 'v'`, code: 'LSH03' },
    { what: 'a table of one row', args: `'bad', 'lonely', 'v'`, code: 'LSH03' },
  ])('$what', async ({ args, code }) => {
    await refused(`select lsh.create_family(${args})`, code)
  })

  it.each(['name', 'bits', 'seed'])('a %s that is null', async (argument) => {
    const args = `name => 'bad', relation => 'clumped', "column" => 'v', bits => 16`
    const given = args.includes(`${argument} =>`)
      ? args.replace(new RegExp(`${argument} => [^,]+`), `${argument} => null`)
      : `${args}, ${argument} => null`
    await refused(`select lsh.create_family(${given})`, '22004', argument)
  })

  it('a family without leaving a part of it behind', async () => {
    expect(await families('bad')).toEqual([])
  })
})

describe('lsh.create_family warns', () => {
  it('when all rows are equal, and creates a working family', async () => {
    const same = Array.from({ length: 50 }, () => Float32Array.of(0.1, 0.2, 0.3))
    await addTable(database.store, 'same', same)
    const warnings = await warningsOf(
      database.store,
      `select lsh.create_family('same', 'same', 'v', bits => 32, bucket_bits => 2)`,
    )
    expect(warnings).toEqual([
      expect.stringMatching(/all sampled rows of "public\.same" are equal/),
    ])
    expect((await families('same'))[0]?.calibration).toMatchObject({ radius: null })
    await query(`select lsh.create_index('same', 'v', 'same')`)
    const found = await query<{ key: string; distance: number; hamming: number }>(
      `select * from lsh.search('same', '[0.1,0.2,0.3]', k => 3)`,
    )
    expect(found).toEqual(
      ['1', '2', '3'].map((key) => ({ key, distance: 0, hamming: 0, estimated: false })),
    )
  })

  it('when the data has no structure', async () => {
    const source = random(3)
    const noise = Array.from({ length: 400 }, () =>
      Float32Array.from({ length: 256 }, () => source.normal()),
    )
    await addTable(database.store, 'noise', noise)
    const warnings = await warningsOf(
      database.store,
      `select lsh.create_family('noise', 'noise', 'v', bits => 16)`,
    )
    expect(warnings).toEqual([expect.stringMatching(/no near neighbours/)])
  })

  it.each(['0.3', '3'])(
    'when the neighbour radius is %s times the calibrated one',
    async (factor) => {
      const warnings = await warningsOf(
        database.store,
        `select lsh.create_family('off_${factor}', 'clumped', 'v', bits => 16,
         bandwidth => (select bandwidth * ${factor} ^ 2 from lsh.calibrate('clumped', 'v')))`,
      )
      expect(warnings).toEqual([expect.stringMatching(/^bandwidth .* outside/)])
    },
  )

  it('about nothing when the data is suitable', async () => {
    const text = `select lsh.create_family('well', 'clumped', 'v', bits => 16)`
    expect(await warningsOf(database.store, text)).toEqual([])
  })
})

describe('a hash family', () => {
  beforeAll(async () => {
    await query(
      `select lsh.create_family('kept', 'clumped', 'v', bits => 64, bucket_bits => 2, kind => 'kernel')`,
    )
  })

  it('cannot be changed', async () => {
    await refused(`update lsh.family set seed = 2 where name = 'kept'`, '55000', 'immutable')
    await refused(`update lsh.family set name = 'other' where name = 'kept'`, '55000')
    await refused('update lsh.projection set phase = phase + 1', '55000', 'immutable')
  })

  it('stores the checksum that lsh.family_checksum computes from its parameters', async () => {
    const [family] = await families('kept')
    expect(await valueOf(database.store, `select lsh.family_checksum('kept')`)).toBe(
      family?.checksum,
    )
  })

  it.each([
    `update lsh.projection set phase = phase + 1e-9 where purpose = 'code' and ordinal = 63`,
    `update lsh.projection set threshold = -threshold where purpose = 'bucket' and ordinal = 1`,
    `update lsh.projection set weight = weight + '[0,0,0,0,0,0,0,1e-3]' where ordinal = 0`,
    `update lsh.projection set ordinal = 99 where purpose = 'code' and ordinal = 5`,
    `update lsh.family set bandwidth = bandwidth * 2 where true`,
    `update lsh.family set center = lsh_internal.scaled(center, -1) where true`,
    `delete from lsh.projection where purpose = 'code' and ordinal = 5`,
  ])('no longer matches its stored checksum after tampering: %s', async (statement) => {
    await inTransaction(database.store, async (transaction) => {
      // Only the owner of the tables can disable triggers.
      await rowsOf(transaction, 'alter table lsh.family disable trigger all')
      await rowsOf(transaction, 'alter table lsh.projection disable trigger all')
      const family = statement.includes('lsh.family') ? 'id' : 'family_id'
      const kept = `(select id from lsh.family where name = 'kept')`
      await rowsOf(transaction, `${statement} and ${family} = ${kept}`)
      const [row] = await rowsOf<{ stored: string; computed: string }>(
        transaction,
        `select checksum as stored, lsh.family_checksum(name) as computed
         from lsh.family where name = 'kept'`,
      )
      expect(row?.computed).toMatch(/^[0-9a-f]{64}$/)
      expect(row?.computed).not.toBe(row?.stored)
    })
  })
})

describe('lsh.drop_family', () => {
  it('removes a family and its directions', async () => {
    await query(`select lsh.create_family('short', 'clumped', 'v', bits => 16)`)
    const [{ id }] = (await query<{ id: number }>(
      `select id from lsh.family where name = 'short'`,
    )) as [{ id: number }]
    await query(`select lsh.drop_family('short')`)
    expect(await families('short')).toEqual([])
    expect(await query('select from lsh.projection where family_id = $1', [id])).toEqual([])
  })

  it('refuses a family that an index uses, until the index is dropped', async () => {
    await addTable(database.store, 'hashed', lattice({ rows: 20, dims: 4, seed: 2 }))
    await query(`select lsh.create_family('used', 'hashed', 'v', bits => 16)`)
    await query(`select lsh.create_index('hashed', 'v', 'used', name => 'user')`)
    await refused(`select lsh.drop_family('used')`, '2BP01', '"user"')
    expect(await families('used')).toHaveLength(1)
    await query(`select lsh.drop_index('user')`)
    await query(`select lsh.drop_family('used')`)
    expect(await families('used')).toEqual([])
  })

  it('refuses a family that does not exist', async () => {
    await refused(`select lsh.drop_family('nope')`, 'LSH01', '"nope"')
  })
})

describe('lsh.calibrate, lsh.encode and lsh.probes refuse', () => {
  it.each([
    { call: `lsh.calibrate('clumped', 'v', k => 0)`, code: '22023' },
    { call: `lsh.calibrate('clumped', 'v', sample => 7)`, code: '22023' },
    { call: `lsh.calibrate('clumped', 'nope')`, code: '42703' },
    { call: `lsh.encode('nope', '[1,2]')`, code: 'LSH01' },
    { call: `lsh.encode('plain', '[1,2]')`, code: 'LSH02' },
    { call: `lsh.encode('plain', null)`, code: '22004' },
    { call: `lsh.probes('nope', '[1,2]', 1)`, code: 'LSH01' },
    { call: `lsh.probes('plain', '[1,2]', 1)`, code: 'LSH02' },
    { call: `lsh.probes('plain', '[1,2,3,4,5,6,7,8]', 0)`, code: '22023' },
    { call: `lsh.probes('plain', '[1,2,3,4,5,6,7,8]', null)`, code: '22023' },
  ])('$call', async ({ call, code }) => {
    await refused(`select ${call}`, code)
  })
})
