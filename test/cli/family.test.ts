import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { makeSpace } from '../store/codes/made-space.js'
import { usePlace } from './place.js'
import { cli, resultOf, useCli } from './run.js'

useCli()
const place = usePlace()

beforeAll(
  () =>
    place.withStore((store) => makeSpace(store, { patients: 12, slices: 20, dims: 16, seen: 9 })),
  300_000,
)

describe('pg-lsh family train', () => {
  it('trains a family that an index can use, and reports the improvement', async () => {
    const args = ['family', 'train', '--space', 'made', '--bits', '64', '--json']
    const done = await cli(args, { place: place.db })
    expect(done).toMatchObject({ code: 0 })
    expect(done.stderr).toMatch(
      /family made_rank_64: cosine, 64 bits; for \d+ held-out rows it finds/,
    )
    const result = resultOf(done) as { training: { trained: number; untrained: number } }
    expect(result).toMatchObject({ name: 'made_rank_64', kind: 'cosine', bits: 64, dims: 16 })
    expect(result.training.trained).toBeGreaterThanOrEqual(result.training.untrained)
    const indexed = ['index', 'create', '--space', 'made', '--family', 'made_rank_64']
    expect(await cli(indexed, { place: place.db })).toMatchObject({ code: 0 })
  })
})

describe('pg-lsh family create', () => {
  it.each([
    ['searches that re-rank', [], ['cosine', 'residual', 'sign']],
    ['searches that read no vectors', ['--no-rerank'], ['residual', 'scalar', 'sign']],
  ] as const)('chooses the kind that suits %s, and gives the reason', async (_, options, kinds) => {
    const name = `made_64${options.length}`
    const args = ['family', 'create', '--space', 'made', '--bits', '64', '--name', name, ...options]
    const done = await cli([...args, '--json'], { place: place.db })
    expect(done).toMatchObject({ code: 0 })
    expect(done.stderr).toContain('chosen by Dice of the ten nearest in a sample')
    const { kind, calibration } = resultOf(done) as {
      kind: string
      calibration: { best_kind: string; dice: Record<string, number> }
    }
    expect(Object.keys(calibration.dice).sort()).toEqual(kinds)
    expect(calibration.best_kind).toBe(kind)
    expect(calibration.dice[kind]).toBe(Math.max(...Object.values(calibration.dice)))
  })
})

describe('pg-lsh family evaluate', () => {
  it('measures kinds and methods by number of bits, fitted on the patients of the training', async () => {
    const args = ['family', 'evaluate', '--space', 'made', '--bits', '32,64', '--seeds', '2']
    const kinds = ['--kinds', 'cosine,residual,schoenberg', '--sample', '200', '--json']
    // The nine patients of the encoder have 180 slices; the training samples at least 200.
    const few = await cli([...args, ...kinds], { place: place.db })
    expect(few).toMatchObject({ code: 1 })
    const drawn = [...args, '--kinds', 'cosine,residual', '--json']
    const done = await cli(drawn, { place: place.db })
    expect(done).toMatchObject({ code: 0 })
    const result = resultOf(done) as Record<string, Record<string, object>>
    expect(result).toMatchObject({ queries: 60, sample: 180, patients: 12, seeds: [1, 2] })
    expect(Object.keys(result.dice_at_10!)).toEqual(['cosine'])
    expect(Object.keys(result.dice_at_10_ranked!)).toEqual([
      'cosine',
      'residual',
      'rate_distortion',
    ])
    expect(Object.keys(result.spread_ranked!.residual!)).toEqual(['32', '64'])
  })
})

describe('pg-lsh family export and import', () => {
  it('copy a family to another database, and change nothing the second time', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pg-lsh-family-'))
    const file = join(folder, 'made.json')
    const other = join(folder, 'database')
    const learned = ['--space', 'made', '--kind', 'residual', '--bits', '32', '--name', 'learned']
    expect(await cli(['family', 'create', ...learned], { place: place.db })).toMatchObject({
      code: 0,
    })
    const exported = await cli(['family', 'export', 'learned', file, '--json'], { place: place.db })
    expect(exported).toMatchObject({ code: 0 })
    const { checksum } = resultOf(exported) as { checksum: string }
    expect(await cli(['family', 'export', 'learned', file], { place: place.db })).toMatchObject({
      code: 2,
    })
    expect(await cli(['migrate'], { place: other })).toMatchObject({ code: 0 })
    const imported = await cli(['family', 'import', file, '--json'], { place: other })
    expect(resultOf(imported)).toEqual({ name: 'learned', checksum, known: false })
    const again = await cli(['family', 'import', file, '--json'], { place: other })
    expect(resultOf(again)).toEqual({ name: 'learned', checksum, known: true })
    const named = ['family', 'import', file, '--name', 'second', '--json']
    expect(resultOf(await cli(named, { place: other }))).toMatchObject({ name: 'second', checksum })
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace('"bits":32', '"bits":40'))
    expect(await cli(['family', 'import', file], { place: other })).toMatchObject({ code: 1 })
    await rm(folder, { recursive: true })
  }, 300_000)
})
