import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { LshError } from '../../src/core/errors.js'
import { temporaryFolder } from '../ingest/fixtures.js'
import { failureOf } from './in-process.js'
import { usePlace } from './place.js'
import { cli, useCli } from './run.js'

useCli()
const place = usePlace()
const embedded = inject('engine') === 'embedded'
const nobody = 65534

describe.runIf(embedded)('the database that --db or DATABASE_URL names', () => {
  it.each([
    ['mysql://root:s3cr3t@host/db', /"mysql:"/],
    ['postgress://me:s3cr3t@host/db', /"postgress:"/],
    ['postgres:/host/db', /slashes/],
    ['host=localhost password=s3cr3t', /keywords/],
    ['', /is empty/],
  ])('is refused as %j, and no directory is created', async (place, message) => {
    const cwd = await temporaryFolder()
    const runs = [await cli(['migrate'], { cwd, place }), await cli(['doctor'], { cwd, place })]
    if (place !== '')
      runs.push(await cli(['sql', 'select 1'], { cwd, env: { DATABASE_URL: place } }))
    for (const { stdout, stderr } of runs) {
      expect(stdout + stderr).toMatch(message)
      expect(stdout + stderr).not.toContain('s3cr3t')
    }
    expect(runs[0]).toMatchObject({ code: 2, stdout: '' })
    expect(runs[1]).toMatchObject({ code: 1 })
    expect(await readdir(cwd)).toEqual([])
  })

  it.each([
    ['sql', 'select 1'],
    ['search', '--space', 's', '--item', '1'],
    ['compare', '--space', 's'],
    ['verify', 'synthetic', '--patients', '1'],
    ['encode', '--space', 's'],
    ['train', '--dataset', 'd', '--space', 'ct_shallow'],
    ['report', '--dataset', 'd', '--out', 'page.html'],
    ['evaluate', '--dataset', 'd'],
    ['export', '--dataset', 'd', '--out', 'out'],
    ['encoder', 'list'],
    ['family', 'create', '--space', 's'],
    ['index', 'create', '--space', 's'],
    ['unload', '--dataset', 'd', '--yes'],
    ['migrate', '--down'],
  ])('is not created by %s', async (...args) => {
    const folder = await temporaryFolder()
    const out = args.map((one) => (/^(page.html|out)$/.test(one) ? join(folder, one) : one))
    const failure = await failureOf([...out, '--quiet', '--db', join(folder, 'none')])
    expect(failure).toBeInstanceOf(LshError)
    expect(failure).toMatchObject({
      message: expect.stringMatching(/there is no database in .*none/) as string,
    })
    expect(await readdir(folder)).not.toContain('none')
  })

  it('is not created by doctor, whose last check fails', async () => {
    const cwd = await temporaryFolder()
    const run = await cli(['doctor'], { cwd, place: 'none' })
    expect(run.code).toBe(1)
    expect(run.stdout + run.stderr).toMatch(/there is no database in none/)
    expect(await readdir(cwd)).not.toContain('none')
  })

  it('is refused if it is a file or lies below one', async () => {
    const cwd = await temporaryFolder()
    await writeFile(join(cwd, 'file'), 'text')
    for (const place of ['file', 'file/below']) {
      const run = await cli(['migrate'], { cwd, place })
      expect(run).toMatchObject({ code: 2 })
      expect(run.stderr).toMatch(/^error: \S+ is a file, or lies below one\nhint: .*--db/)
    }
    expect(await readFile(join(cwd, 'file'), 'utf8')).toBe('text')
  })

  it('is refused with a hint if the user may not write there', async () => {
    const cwd = await temporaryFolder()
    await chmod(cwd, 0o755)
    await mkdir(join(cwd, 'closed'), { mode: 0o555 })
    const uid = process.getuid?.() === 0 ? { uid: nobody } : {}
    for (const place of ['closed', 'closed/below']) {
      const run = await cli(['migrate'], { cwd, place: join(cwd, place), ...uid })
      expect(run.stderr).toMatch(/^error: this user may not write to .*\nhint: .*permissions/)
      expect(run.code).toBe(2)
    }
    expect(await readdir(join(cwd, 'closed'))).toEqual([])
  })

  it.each([
    ['export', '--dataset', 'd', '--out'],
    ['report', '--dataset', 'd', '--out'],
    ['reconstruct', '--space', 's', '--out'],
    ['load', 'synthetic', '--patients', '1', '--log'],
    ['encoder', 'export', 's'],
  ])('is refused with a hint if %s may not write its results', async (...args) => {
    const run = await cli([...args, join(await fileInFolder(), 'x', 'y')], { place: place.db })
    expect(run.stderr).not.toContain('DEBUG=1')
    expect(run.stderr).toMatch(/^error: .*\nhint: ./m)
    expect(run.code).toBe(args[0] === 'encoder' ? 1 : 2)
  })
})

async function fileInFolder(): Promise<string> {
  const file = join(await temporaryFolder(), 'file')
  await writeFile(file, 'text')
  return file
}
