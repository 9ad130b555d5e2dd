import { beforeAll, describe, expect, it } from 'vitest'
import { makeSpace } from '../store/made-space.js'
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
  it('trains a family that an index takes, and says what was gained', async () => {
    const args = ['family', 'train', '--space', 'made', '--bits', '64', '--json']
    const done = await cli(args, { place: place.db })
    expect(done).toMatchObject({ code: 0 })
    expect(done.stderr).toMatch(
      /family made_rank_64: cosine, 64 bits, of \d+ rows held out it finds/,
    )
    const result = resultOf(done) as { training: { trained: number; untrained: number } }
    expect(result).toMatchObject({ name: 'made_rank_64', kind: 'cosine', bits: 64, dims: 16 })
    expect(result.training.trained).toBeGreaterThanOrEqual(result.training.untrained)
    const indexed = ['index', 'create', '--space', 'made', '--family', 'made_rank_64']
    expect(await cli(indexed, { place: place.db })).toMatchObject({ code: 0 })
  })
})

describe('pg-lsh family evaluate', () => {
  it('measures kinds and methods by bits, fitted on the patients that were trained on', async () => {
    const args = ['family', 'evaluate', '--space', 'made', '--bits', '32,64', '--seeds', '2']
    const kinds = ['--kinds', 'cosine,residual,schoenberg', '--sample', '200', '--json']
    // Nine patients of the encoder have 180 slices: no fewer are trained on than 200.
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
