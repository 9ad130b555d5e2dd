import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { temporaryFolder } from '../ingest/fixtures.js'
import { usePlace } from './place.js'
import { cli, resultOf, useCli } from './run.js'

useCli()
const place = usePlace()
const embedded = inject('engine') === 'embedded'

interface Doctor {
  findings: { check: string; found: string; ok: boolean; remedy: string }[]
}

// Each test continues after the previous one.
describe('pg-lsh migrate and doctor', () => {
  it('report a current database as complete', async () => {
    const again = await cli(['migrate'], { place: place.db })
    expect(again).toEqual({
      code: 0,
      stdout: '',
      stderr: 'nothing to do: the database is up to date\n',
    })
    const doctor = await cli(['doctor', '--json'], { place: place.db })
    const { findings } = resultOf(doctor) as Doctor
    expect(findings.filter(({ ok }) => !ok)).toEqual([])
    expect(doctor.code).toBe(0)
    const checks = findings.map(({ check }) => check)
    for (const check of ['Node.js', 'encoder back end', 'database', 'pgvector', 'schema'])
      expect(checks).toContain(check)
    expect(findings.find(({ check }) => check === 'schema')?.found).toMatch(/^0002_cbir of 0002/)
  })

  it('remove everything, report what is missing with a remedy, and install it again', async () => {
    const down = await cli(['migrate', '--down', '--json'], { place: place.db })
    expect(resultOf(down)).toEqual({ applied: ['0002_cbir', '0001_lsh'], installed: false })
    const ill = await cli(['doctor', '--json'], { place: place.db })
    expect(ill.code).toBe(1)
    for (const check of ['schema', 'functions'])
      expect((resultOf(ill) as Doctor).findings).toContainEqual(
        expect.objectContaining({ check, ok: false, remedy: expect.stringContaining('migrate') }),
      )
    const up = await cli(['migrate', '--json'], { place: place.db })
    expect(resultOf(up)).toEqual({ applied: ['0001_lsh', '0002_cbir'], installed: true })
    expect((await cli(['doctor', '--quiet'], { place: place.db })).code).toBe(0)
  })

  it.runIf(!embedded)('require a migration before other commands use a server', async () => {
    await cli(['migrate', '--down'], { place: place.db })
    const refused = await cli(['sql', 'select 1'], { place: place.db })
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toMatch(/^error: .*has another version\nhint: Run "pg-lsh migrate"/)
    await cli(['migrate'], { place: place.db })
  })
})

describe('the database of a command', () => {
  it('is that of DATABASE_URL if --db is not given', async () => {
    const found = await cli(['sql', 'select 1 as one', '--json'], {
      env: { DATABASE_URL: place.db },
    })
    expect(resultOf(found)).toEqual({ rows: [{ one: 1 }] })
  })

  it('is .pg-lsh in the current folder by default, and load creates it', async () => {
    const cwd = await temporaryFolder()
    await writeFile(join(cwd, 'two.ndjson'), '{"key":1,"embedding":[1,2]}\n')
    const load = ['load', 'vectors', 'two.ndjson', '--table', 'public.two', '--create', '--json']
    const made = await cli(load, { cwd })
    expect(resultOf(made)).toMatchObject({ rows: 1 })
    expect(made.stderr).toContain(`prepared the embedded database in .pg-lsh`)
    const again = await cli(['doctor', '--json'], { place: join(cwd, '.pg-lsh') })
    expect(again.code).toBe(0)
  })

  it('is reported with a hint and without its password if it cannot be reached', async () => {
    const failed = await cli(['sql', 'select 1'], { place: 'postgres://me:s3cr3t@127.0.0.1:1/x' })
    expect(failed).toMatchObject({ code: 1, stdout: '' })
    expect(failed.stderr).toMatch(/^error: no connection to .*\nhint: ./)
    expect(failed.stderr).not.toContain('s3cr3t')
  })
})
