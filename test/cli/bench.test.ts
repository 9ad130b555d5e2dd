import { describe, expect, inject, it } from 'vitest'
import { loadBench } from '../../src/cli/commands/bench.js'
import { vectorDistance } from '../../src/core/vector.js'
import { random } from '../../src/core/random.js'
import { curvesSvg } from '../bench/curves.js'
import { emptyMatrix, row, type Matrix } from '../bench/datasets/dataset.js'
import { jsonVectors } from '../bench/datasets/json-vectors.js'
import { exactNeighbours } from '../bench/truth.js'
import { cli, useCli } from './run.js'

useCli()

// Benchmarks are not run as tests. These tests open no database, so one engine suffices.
describe.runIf(inject('engine') === 'embedded')('bench', () => {
  it('refuses an embedded database', async () => {
    const { code, stderr } = await cli(['bench', '--dataset', 'glove'], { place: 'none' })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: benchmarks need a server\nhint: .*--db/)
  })

  it('requires either --dataset or --growth', async () => {
    for (const args of [
      [],
      ['--dataset', 'mednist', '--growth', '1e4'],
      ['--growth', '1e4', '--rows', '2000'],
    ]) {
      const { code, stderr } = await cli(['bench', ...args], { place: 'postgres://localhost/none' })
      expect(code).toBe(2)
      expect(stderr).toMatch(/\nhint: /)
    }
  })

  it('says that it needs a checkout of the repository when only the package is installed', async () => {
    const absent = new URL('../absent/run.ts', import.meta.url)
    await expect(loadBench(absent)).rejects.toMatchObject({
      message: 'benchmarks run only in a checkout of the repository',
      hint: expect.stringContaining('npm ci'),
    })
  })

  it('loads its code from the sources, with the hints of their errors', async () => {
    const { runBench } = await loadBench(new URL('../bench/run.ts', import.meta.url))
    expect(runBench).toBeTypeOf('function')
    const { code, stderr } = await cli(['bench', '--dataset', 'nothing'], {
      place: 'postgres://localhost/none',
    })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: there is no data set "nothing"\nhint: .*glove, mednist/)
  })

  it('reads lists of numbers from JSON that is split at any place', async () => {
    const text = '{"words":["a","]["],"vectors":{"[\\"":[1,-2.5],"b":[3e-1,4]},"none":[]}'
    for (const size of [1, 3, 1000]) {
      const found: number[][] = []
      for await (const list of jsonVectors(pieces(text, size))) found.push(list)
      expect(found.slice(1, 3)).toEqual([
        [1, -2.5],
        [0.3, 4],
      ])
    }
  })

  it('finds the exact neighbours among the rows that pass a filter, however many pass', () => {
    const base = points(50, 4, random(4))
    const queries = points(3, 4, random(5))
    const truth = exactNeighbours({ base, queries }, 12, (id) => id % 10 === 0)
    expect(truth.depth).toBe(5)
    expect([...truth.ids].every((id) => id % 10 === 0)).toBe(true)
  })

  it('finds the exact neighbours, also among equal rows', () => {
    const source = random(3)
    const base = points(300, 7, source)
    base.values.copyWithin(70, 0, 70)
    const queries = points(5, 7, source)
    const truth = exactNeighbours({ base, queries }, 12)
    for (let q = 0; q < queries.rows; q++) {
      const all = Array.from({ length: base.rows }, (_, id) => id)
        .map((id) => ({ id, distance: vectorDistance(row(base, id), row(queries, q)) }))
        .sort((a, b) => a.distance - b.distance || a.id - b.id)
        .slice(0, 12)
      expect([...truth.ids.subarray(12 * q, 12 * q + 12)]).toEqual(all.map(({ id }) => id))
    }
  })

  it('draws a curve for each method with sufficient recall, and only names the others', () => {
    const curves = [
      { name: 'one', points: [point('a', 0.9, 1), point('b', 1, 3)] },
      { name: 'other', points: [point('a', 0.1, 2)] },
    ]
    const svg = curvesSvg(curves, { title: 'A < B', subtitle: 'small' })
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/)
    expect(svg).toContain('A &lt; B')
    expect(svg).toContain('(below 0.4)')
    expect(svg.match(/aria-label="line"/g)).toHaveLength(1)
  })
})

function point(setting: string, recall_at_10: number, p50_ms: number) {
  return { setting, recall_at_10, p50_ms, p95_ms: 2 * p50_ms }
}

function points(rows: number, dims: number, source: ReturnType<typeof random>): Matrix {
  const matrix = emptyMatrix(rows, dims)
  matrix.values.forEach((_, i) => (matrix.values[i] = source.normal()))
  return matrix
}

async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  for (let i = 0; i < text.length; i += size) yield Buffer.from(text.slice(i, i + size))
}
