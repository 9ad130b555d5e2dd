import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { spellings } from '../../../src/ingest/files/fold-text.js'
import { findValues, valueFinder } from '../../../src/store/plans/find-values.js'
import { loadPlan } from '../../../src/store/plans/load-plan.js'
import { useTestDatabase } from '../../database.js'
import { makeSpace } from '../codes/made-space.js'
import { smallPlan } from './small-plan.js'

const database = useTestDatabase()

describe('valueFinder', () => {
  const holds = valueFinder([
    ...spellings('Müller'),
    ...spellings('Люба'),
    ...spellings('山田'),
    'li wu',
    '1.2.826.55',
    '1947-03-12',
    'mrn-5550123',
  ])

  it.each([
    'seen: MÜLLER, today',
    'Mu\u0308ller',
    'mueller',
    'MULLER',
    'ЛЮБА пришла',
    'Lyuba',
    'ljuba',
    '2024山田太郎様',
    'Li, Wu',
    '{"uid": "1.2.826.55"}',
    '1947-03-12T00:00',
    'MRN-5550123/3',
  ])('finds the value in "%s"', (text) => {
    expect(holds(text)).toBe(true)
  })

  it.each([
    'Müllerin',
    'Schmuller',
    'Li and Wu',
    '[1, 2, 826, 55]',
    '11.2.826.55',
    '1947, 3, 12',
    '5550123',
    '',
  ])('finds nothing in "%s"', (text) => {
    expect(holds(text)).toBe(false)
  })
})

describe('findValues', () => {
  it('searches every text of every column, whatever the locale of the database', async () => {
    const { store } = database
    for (const number of [1, 2, 3])
      await loadPlan(store, 'made', smallPlan({ number, slices: 800, side: 2 }))
    const values = [...spellings('Müller'), ...spellings('Łucja')]
    expect((await findValues(store, values)).found).toEqual([])
    await store.db
      .updateTable('cbir.item')
      .set({ attributes: JSON.stringify({ remark: 'MÜLLER was here' }) })
      .where('id', '=', 2399)
      .execute()
    await store.db
      .updateTable('cbir.plan')
      .set({ site: 'by ŁUCJA' })
      .where('source_key', '=', 'made/pt_2')
      .execute()
    const { found, columns } = await findValues(store, values)
    expect(found).toEqual([
      { table: 'cbir.item', column: 'attributes', rows: 1 },
      { table: 'cbir.plan', column: 'site', rows: 1 },
    ])
    expect(columns).toBeGreaterThan(20)
  })

  it('searches rows of one data set and rows that belong to none', async () => {
    const { store } = database
    for (const dataset of ['left', 'right'])
      await loadPlan(store, dataset, smallPlan({ number: 1, slices: 2, side: 2 }))
    await makeSpace(store, { dataset: 'left', patients: 1, space: 'zyx' })
    const plant = async (name: string) => {
      await sql`update cbir.patient set pseudonym = ${name} where dataset = 'right'`.execute(
        store.db,
      )
      await sql`update cbir.item set label = ${name} where dataset = 'right'`.execute(store.db)
      for (const [table, column] of [
        ['plan', 'site'],
        ['plan', 'machine'],
      ] as const)
        await sql`update ${sql.table(`cbir.${table}`)} set ${sql.ref(column)} = ${name} where patient_id in (
          select id from cbir.patient where dataset = 'right')`.execute(store.db)
      await sql`update cbir.structure set name = ${name} where plan_id in (
        select plan.id from cbir.plan join cbir.patient on patient.id = patient_id where dataset = 'right')`.execute(
        store.db,
      )
    }
    await plant('quixote')
    const foundIn = async (values: string[], dataset?: string) =>
      (await findValues(store, values, dataset === undefined ? {} : { dataset })).found.map(
        ({ table, column }) => `${table}.${column}`,
      )
    const planted = [
      'item.label',
      'patient.pseudonym',
      'plan.machine',
      'plan.site',
      'structure.name',
    ]
    expect((await foundIn(['quixote'], 'right')).sort()).toEqual(planted.map((at) => `cbir.${at}`))
    expect((await foundIn(['quixote'])).length).toBe(planted.length)
    expect(await foundIn(['quixote'], 'left')).toEqual([])
    // Spaces belong to no data set; encoders do.
    expect(await foundIn(['zyx'], 'right')).toEqual(['cbir.space.name'])
    expect(await foundIn(['zyx'], 'left')).toEqual(['cbir.encoder.name', 'cbir.space.name'])
    await expect(foundIn(['quixote'], 'rigth')).rejects.toMatchObject({ code: 'LSH01' })
  })
})
