import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { planFromVolume } from '../../src/ingest/volume/volume.js'
import { loadPlan } from '../../src/store/plans/load-plan.js'
import { fencedBlocks } from '../cli/readme.js'
import { useTestDatabase } from '../database.js'
import { tinyVolume } from '../ingest/fixtures.js'
import { rowsOf } from './asking.js'
import { anchorsOf, oneLine, sectionsOf } from './sql-page.js'

const page = readFileSync(fileURLToPath(new URL('../../docs/sql.md', import.meta.url)), 'utf8')
const sections = sectionsOf(page)
const database = useTestDatabase()
const query = <T>(text: string) => rowsOf<T>(database.store, text)

interface Routine {
  name: string
  signature: string
  parameters: string[]
  columns: string[]
}

/** All public functions; each overload is a row. */
const routines = () =>
  query<Routine>(
    `select format('%s.%s', nspname, proname) as name,
       format('%s.%s(%s)', nspname, proname, pg_get_function_arguments(pg_proc.oid))
         || coalesce(' returns ' || pg_get_function_result(pg_proc.oid), '') as signature,
       proargnames[:pronargs] as parameters,
       case when proretset then coalesce(proargnames[pronargs + 1:], '{}') else array(
         select attname::text from pg_attribute
         where attrelid = typrelid and typrelid <> 0 and attnum > 0 order by attnum) end as columns
     from pg_proc
       join pg_namespace on pg_namespace.oid = pronamespace
       join pg_type on pg_type.oid = prorettype
     where nspname in ('lsh', 'cbir') and proname !~ '^_'
     order by 1`,
  )

const views = () =>
  query<{ name: string; columns: string[] }>(
    `select format('%s.%s', nspname, relname) as name,
       array_agg(attname::text order by attnum) as columns
     from pg_class
       join pg_namespace on pg_namespace.oid = relnamespace
       join pg_attribute on attrelid = pg_class.oid and attnum > 0
     where nspname in ('lsh', 'cbir') and relkind = 'v' and relname !~ '^_'
     group by 1
     order by 1`,
  )

describe('docs/sql.md', () => {
  it('has a section for each public function and view, and no other', async () => {
    const all = [...(await routines()), ...(await views())].map(({ name }) => name)
    expect(sections.map(({ name }) => name).sort()).toEqual([...new Set(all)].sort())
  })

  it('has the signature of each function', async () => {
    const all = await routines()
    expect(sections.flatMap(({ signatures }) => signatures).sort()).toEqual(
      all.map(({ signature }) => oneLine(signature)).sort(),
    )
  })

  it('lists exactly the parameters and returned columns of each function', async () => {
    for (const { name, parameters, columns } of await routines()) {
      const section = sections.find((one) => one.name === name)
      expect({ name, parameters: section?.parameters.toSorted() }).toEqual({
        name,
        parameters: parameters.toSorted(),
      })
      expect({ name, columns: section?.columns.toSorted() }).toEqual({
        name,
        columns: columns.toSorted(),
      })
    }
  })

  it('lists exactly the columns of each view', async () => {
    for (const { name, columns } of await views()) {
      const section = sections.find((one) => one.name === name)
      expect({ name, columns: section?.columns.toSorted() }).toEqual({
        name,
        columns: columns.toSorted(),
      })
    }
  })

  it('explains each SQLSTATE that a section names', () => {
    const explained = [...page.matchAll(/^\| `([0-9A-Z]{5})`/gm)].map(([, code]) => code)
    const named = new Set(sections.flatMap(({ errors }) => errors))
    expect(named.size).toBeGreaterThan(15)
    expect(explained).toEqual(expect.arrayContaining([...named]))
  })

  it('has no broken link, and lists each section in its contents', () => {
    const linked = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor)
    const anchors = anchorsOf(page)
    expect([...new Set(linked)].filter((anchor) => !anchors.includes(anchor ?? ''))).toEqual([])
    const contents = page.slice(0, page.indexOf('\n## '))
    expect(anchors.filter((anchor) => !contents.includes(`](#${anchor})`))).toEqual([])
  })
})

describe('the examples of docs/sql.md', () => {
  beforeAll(async () => {
    for (const number of [1, 2, 3, 4]) {
      const plan = planFromVolume(tinyVolume({ k: 40 + 4 * number }), {
        sourceKey: `phantom/phantom-00${number}`,
        patient: `phantom-00${number}`,
        split: 'train',
        checksum: `${number}`,
        site: 'head and neck',
      })
      expect(await loadPlan(database.store, 'synthetic', plan)).toBe('loaded')
    }
    await query(
      `insert into cbir.encoder (name, dataset, architecture, dims, preprocessing, topology, weights,
         history, training, trained_on, checksum)
       values ('ct', 'synthetic', 'none', 3, '{}', '{}', '', '[]', '{}', '{}', '')`,
    )
    await query(`select cbir.create_space('ct_shallow', 3, 'ct')`)
    await query(
      `insert into space.ct_shallow select item_id, array[item_id, item_id % 3, 1]::vector from cbir.slice`,
    )
    await query(`select lsh.create_family('ct', 'space.ct_shallow', 'embedding', bits => 64)`)
    await query(`select lsh.create_index('space.ct_shallow', 'embedding', 'ct')`)
  })

  it('run without an error, one after the other', async () => {
    const examples = fencedBlocks(page).filter(({ language }) => language === 'sql')
    expect(examples.length).toBeGreaterThan(40)
    for (const { line, text } of examples) {
      await database.store.pool.query(text).catch((error: unknown) => {
        throw new Error(`docs/sql.md line ${line}: ${(error as Error).message}\n${text}`)
      })
    }
  })
})
