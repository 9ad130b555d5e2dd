import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Plan } from '../../src/core/plan.js'
import { planFromVolume } from '../../src/ingest/volume/volume.js'
import { loadPlan } from '../../src/store/plans/load-plan.js'
import { vectorText } from '../../src/store/connection/types.js'
import { tinyVolume } from '../ingest/fixtures.js'
import { inTransaction, useTestDatabase } from '../database.js'
import { expectRefusal, rowsOf, valueOf, type Asked } from './asking.js'
import { bruteForce, lattice } from './hashed-table.js'

const database = useTestDatabase()
const query = <T>(text: string, values: unknown[] = []) => rowsOf<T>(database.store, text, values)
const refused = (text: string, code: string, message?: RegExp | string) =>
  expectRefusal(database.store, text, code, message)

/** A plan with two slices. */
function tinyPlan(sourceKey: string, patient: string, k: number): Plan {
  return planFromVolume(tinyVolume({ k }), {
    sourceKey,
    patient,
    split: 'train',
    checksum: `${sourceKey} ${k}`,
    site: null,
  })
}

/** Patients of plans with two items each, numbered 1 … 16: patient a has two plans, all others have one. */
const patients = ['a', 'a', 'b', 'c', 'd', 'e', 'f', 'g']
const vectors = lattice({ rows: 16, dims: 3, seed: 4, span: 9 })
const ownersOf = (item: number) => patients[(item - 1) >> 1]

interface Similar {
  item_id: number
  distance: number
  patient: string
  plan: string
}

const similar = (asked: Asked, args: string) =>
  rowsOf<Similar>(asked, `select * from cbir.similar_slices(${args})`)

async function addEncoder(name: string): Promise<void> {
  await query(
    `insert into cbir.encoder (name, dataset, architecture, dims, preprocessing, topology, weights,
       history, training, trained_on, checksum)
     values ($1, 'tiny', 'none', 3, '{}', '{}', '', '[]', '{}', '{}', $1)`,
    [name],
  )
}

async function fill(space: string): Promise<void> {
  await query(
    `insert into space.${space}
     select number, vector::vector from unnest($1::text[]) with ordinality as row (vector, number)`,
    [vectors.map(vectorText)],
  )
}

beforeAll(async () => {
  for (const [i, patient] of patients.entries()) {
    const outcome = await loadPlan(database.store, 'tiny', tinyPlan(`p/${i}`, patient, 40 + 4 * i))
    expect(outcome).toBe('loaded')
  }
  expect(await query('select item_id from cbir.slices order by 1')).toEqual(
    vectors.map((_, i) => ({ item_id: i + 1 })),
  )
  await addEncoder('ct')
  await query(`select cbir.create_space('ct', 3, 'ct')`)
  await fill('ct')
  await query(
    `select lsh.create_family('ct', 'space.ct', 'embedding', bits => 64, bucket_bits => 1, kind => 'kernel')`,
  )
  await query(`select lsh.create_index('space.ct', 'embedding', 'ct')`)
})

describe('cbir.create_space', () => {
  it('creates a table of features with a foreign key to the items', async () => {
    const columns = `select attname, format_type(atttypid, atttypmod) as type from pg_attribute
                     where attrelid = 'space.ct'::regclass and attnum > 0 order by attnum`
    expect(await query(columns)).toEqual([
      { attname: 'item_id', type: 'integer' },
      { attname: 'embedding', type: 'vector(3)' },
    ])
    await expect(query(`insert into space.ct values (9999, '[1,2,3]')`)).rejects.toMatchObject({
      code: '23503',
    })
  })

  it.each([2000, 2001, 16000])('accepts %i dimensions', async (dims) => {
    await inTransaction(database.store, async (transaction) => {
      const parts = `parts => '[{"space": "ct", "scale": 1, "weight": 1}]'`
      await rowsOf(transaction, `select cbir.create_space('wide', ${dims}, ${parts})`)
      await rowsOf(
        transaction,
        `insert into space.wide select 1, array_agg(random())::real[]::vector
         from generate_series(1, ${dims})`,
      )
      expect(await valueOf(transaction, 'select vector_dims(embedding) from space.wide')).toBe(dims)
    })
  })

  it.each([
    { what: 'an unknown encoder', args: `'new', 3, 'nope'`, code: 'LSH01' },
    { what: 'neither encoder nor parts', args: `'new', 3`, code: '22023' },
    { what: 'encoder and parts', args: `'new', 3, 'ct', '[]'`, code: '22023' },
    { what: 'a name that is taken', args: `'ct', 3, 'ct'`, code: '42710' },
    { what: 'a name with a space', args: `'two words', 3, 'ct'`, code: '42602' },
    { what: '0 dimensions', args: `'new', 0, 'ct'`, code: '22023' },
    { what: '16001 dimensions', args: `'new', 16001, 'ct'`, code: '22023' },
  ])('refuses $what', async ({ args, code }) => {
    await refused(`select cbir.create_space(${args})`, code)
  })
})

describe('cbir.similar_slices', () => {
  const others = (item: number) =>
    vectors.map((_, i) => i + 1).filter((other) => ownersOf(other) === ownersOf(item))

  it.each([1, 4, 5, 16])('leaves out all slices of the patient of item %i', async (item) => {
    const found = await similar(database.store, `${item}, 'ct', k => 6`)
    const expected = bruteForce(vectors, vectors[item - 1]!, 6, others(item))
    expect(found.map((row) => [String(row.item_id), row.distance])).toEqual(
      expected.map(({ key, distance }) => [key, distance]),
    )
  })

  it('leaves out all plans of the patient', async () => {
    const found = await similar(database.store, `1, 'ct', k => 100`)
    expect(found).toHaveLength(12)
    expect(found.map((row) => row.patient)).not.toContain('a')
  })

  it('leaves out only the slice itself if exclude_same_patient is false', async () => {
    const found = await similar(database.store, `1, 'ct', k => 100, exclude_same_patient => false`)
    expect(found).toHaveLength(15)
    expect(found.map((row) => row.item_id)).not.toContain(1)
    expect(
      found
        .filter((row) => row.patient === 'a')
        .map((row) => row.item_id)
        .sort(),
    ).toEqual([2, 3, 4])
  })

  it('returns the patient, plan, index and position of a slice', async () => {
    const [nearest] = await similar(database.store, `1, 'ct', k => 1`)
    const [slice] = await query(
      `select patient, plan, index, position_mm from cbir.slices where item_id = $1`,
      [nearest?.item_id],
    )
    expect(nearest).toMatchObject(slice as object)
  })

  it.each([
    { what: 'an unknown item', args: `9999, 'ct'`, code: 'P0002' },
    { what: 'an unknown space', args: `1, 'nope'`, code: 'LSH01' },
    { what: 'k = 0', args: `1, 'ct', k => 0`, code: '22023' },
    { what: '0 probes', args: `1, 'ct', probes => 0`, code: '22023' },
    {
      what: '0 candidates of codes without estimates',
      args: `1, 'ct', candidates => 0`,
      code: '0A000',
    },
  ])('refuses $what', async ({ args, code }) => {
    await refused(`select * from cbir.similar_slices(${args})`, code)
  })

  it('refuses a space without an index', async () => {
    await addEncoder('bare')
    await query(`select cbir.create_space('bare', 3, 'bare')`)
    await refused(`select * from cbir.similar_slices(1, 'bare')`, 'LSH03', '"bare"')
    await refused(`select * from cbir.compare_slices('bare', '{1}')`, 'LSH03', '"bare"')
  })

  it('uses the index named after the space, else the oldest', async () => {
    await addEncoder('indexed')
    await query(`select cbir.create_space('indexed', 3, 'indexed')`)
    await fill('indexed')
    const add = (name: string, maintain: string) =>
      query(`select lsh.create_index('space.indexed', 'embedding', 'ct', $1, $2)`, [name, maintain])
    const found = async () => {
      const rows = await query<{ hamming: number | null }>(
        `select hamming from cbir.similar_slices(1, 'indexed', k => 100)`,
      )
      return rows.filter(({ hamming }) => hamming !== null).length
    }
    // An index maintained by the loader has no codes here, so that all rows come from an exact scan.
    await add('older', 'trigger')
    await add('newer', 'loader')
    expect(await found()).toBe(12)
    await add('indexed', 'loader')
    expect(await found()).toBe(0)
  })
})

describe('cbir.compare_slices', () => {
  it('compares with other patients, or with all if exclude_same_patient is false', async () => {
    const rows = await query<{ item_id: number; k: number; overlap: number; recall: number }>(
      `select * from cbir.compare_slices('ct', '{1,5}', ks => '{3,100}', candidates => 100, probes => 2)`,
    )
    expect(rows.map(({ item_id, k, recall }) => [item_id, k, recall])).toEqual([
      [1, 3, 1],
      [1, 100, 1],
      [5, 3, 1],
      [5, 100, 1],
    ])
    // If k exceeds the number of rows, the overlap is that number.
    expect(rows[1]?.overlap).toBe(12)
    expect(rows[3]?.overlap).toBe(14)
    const all = `select overlap from cbir.compare_slices('ct', '{1}', '{100}', exclude_same_patient => false)`
    expect(await valueOf(database.store, all)).toBe(15)
  })

  it('returns the same figures as lsh.compare if exclude_same_patient is false', async () => {
    const own = `select overlap, dice, jaccard, recall, code_loss, bucket_loss, visited_share`
    const args = `ks => '{1,4}', probes => 1, candidates => 5`
    expect(
      await query(
        `${own} from cbir.compare_slices('ct', '{7,16}', exclude_same_patient => false, ${args})`,
      ),
    ).toEqual(await query(`${own} from lsh.compare('ct', '{7,16}', ${args})`))
  })

  it.each([
    { what: 'an unknown item', args: `'ct', '{1,9999}'`, code: 'P0002' },
    { what: 'an unknown space', args: `'nope', '{1}'`, code: 'LSH01' },
    { what: 'a k of 0', args: `'ct', '{1}', ks => '{0}'`, code: '22023' },
    {
      what: '0 candidates of codes without estimates',
      args: `'ct', '{1}', candidates => 0`,
      code: '0A000',
    },
  ])('refuses $what', async ({ args, code }) => {
    await refused(`select * from cbir.compare_slices(${args})`, code)
  })
})

describe('cbir.encoders_of and cbir.drop_space', () => {
  const part = (...spaces: string[]) =>
    JSON.stringify(spaces.map((space) => ({ space, scale: 1, weight: 1 })))
  const spaces = () => query<{ name: string }>('select name from cbir.space order by name')
  const encoderIds = (names: string[]) =>
    valueOf<number[]>(
      database.store,
      'select array_agg(id order by id) from cbir.encoder where name = any($1)',
      [names],
    )
  let before: { name: string }[]

  beforeEach(async () => {
    before = await spaces()
    for (const name of ['left', 'right', 'apart']) {
      await addEncoder(`side_${name}`)
      await query(`select cbir.create_space('side_${name}', 3, 'side_${name}')`)
    }
    const join = `select cbir.create_space($1, 6, parts => $2::jsonb)`
    await query(join, ['joint', part('side_left', 'side_right')])
    await query(join, ['joint_apart', part('side_apart')])
    await query(join, ['joint_joint', part('joint', 'side_apart')])
    await query(`select lsh.create_index('space.side_left', 'embedding', 'ct')`)
    return async () => {
      for (const name of [
        'joint_joint',
        'joint',
        'joint_apart',
        'side_left',
        'side_right',
        'side_apart',
      ])
        await query(`select cbir.drop_space($1)`, [name])
      expect(await spaces()).toEqual(before)
    }
  })

  const encodersOf = (space: string) =>
    valueOf<number[]>(
      database.store,
      `select array_agg(id order by id) from unnest(cbir.encoders_of('${space}')) as id`,
    )

  it('return the encoder of a space, or those of its parts', async () => {
    expect(await encodersOf('side_left')).toEqual(await encoderIds(['side_left']))
    expect(await encodersOf('joint')).toEqual(await encoderIds(['side_left', 'side_right']))
  })

  it('return the encoders of nested parts', async () => {
    const all = await encoderIds(['side_left', 'side_right', 'side_apart'])
    expect(await encodersOf('joint_joint')).toEqual(all)
  })

  it('drop a space with its table, index, codes and encoder, and the joint spaces made of it', async () => {
    await query(`select cbir.drop_space('side_left')`)
    const left = (await spaces()).map(({ name }) => name)
    expect(left).toContain('side_right')
    expect(left).toContain('joint_apart')
    expect(left).not.toContain('side_left')
    expect(left).not.toContain('joint')
    const tables = `select to_regclass('space.side_left') as left, to_regclass('space.joint') as joint,
                      to_regclass('lsh_index.side_left') as codes`
    expect(await query(tables)).toEqual([{ left: null, joint: null, codes: null }])
    expect(await query(`select from lsh.index where name = 'side_left'`)).toEqual([])
    expect(await encoderIds(['side_left'])).toBeNull()
    expect(await encoderIds(['side_right'])).not.toBeNull()
  })

  it('drop joint spaces that are made of joint spaces', async () => {
    await query(`select cbir.drop_space('side_left')`)
    expect((await spaces()).map(({ name }) => name)).not.toContain('joint_joint')
  })

  it('drop a joint space without its parts', async () => {
    await query(`select cbir.drop_space('joint_apart')`)
    expect((await spaces()).map(({ name }) => name)).toContain('side_apart')
    expect(await encoderIds(['side_apart'])).not.toBeNull()
  })
})

describe('cbir.delete_plan', () => {
  it('removes slices, features and codes, also of loader indexes, but not the patient', async () => {
    await query(
      `select lsh.create_index('space.ct', 'embedding', 'ct', name => 'loaded', maintain => 'loader')`,
    )
    await query('insert into lsh_index.loaded select * from lsh_index.ct')
    const [plan] = await query<{ id: number }>(
      `select plan_id as id from cbir.slice where item_id = 9`,
    )
    const gone = [9, 10]
    await inTransaction(database.store, async (transaction) => {
      await rowsOf(transaction, 'select cbir.delete_plan($1)', [plan?.id])
      for (const [table, key] of [
        ['cbir.item', 'id'],
        ['cbir.slice', 'item_id'],
        ['space.ct', 'item_id'],
        ['lsh_index.ct', 'key'],
        ['lsh_index.loaded', 'key'],
      ]) {
        const rows = await rowsOf<{ key: number }>(
          transaction,
          `select ${key} as key from ${table} order by 1`,
        )
        const left = vectors.map((_, i) => i + 1).filter((item) => !gone.includes(item))
        expect({ table, keys: rows.map((row) => row.key) }).toEqual({ table, keys: left })
      }
      const structures = 'select from cbir.structure where plan_id = $1'
      expect(await rowsOf(transaction, structures, [plan?.id])).toEqual([])
      expect(
        await rowsOf(transaction, `select from cbir.patient where pseudonym = 'd'`),
      ).toHaveLength(1)
      const found = await similar(transaction, `1, 'ct', k => 100`)
      expect(found.map((row) => row.item_id).sort((a, b) => a - b)).toEqual([
        5, 6, 7, 8, 11, 12, 13, 14, 15, 16,
      ])
    })
    await query(`select lsh.drop_index('loaded')`)
  })
})

describe('loading a plan again', () => {
  it('does nothing if the checksum is the same, and replaces the plan if it is different', async () => {
    await addEncoder('again')
    await query(`select cbir.create_space('again', 3, 'again')`)
    const count = () => valueOf(database.store, `select count(*)::int from cbir.slice`)
    const before = await count()
    const load = (k: number) => loadPlan(database.store, 'again', tinyPlan('p/x', 'x', k))
    expect(await load(40)).toBe('loaded')
    expect(await load(40)).toBe('unchanged')
    expect(await load(44)).toBe('replaced')
    expect(await count()).toBe(Number(before) + 2)
    expect(await query(`select index from cbir.slices where dataset = 'again' order by 1`)).toEqual(
      [{ index: 44 }, { index: 45 }],
    )
  })
})
