import { describe, expect, inject, it } from 'vitest'
import { printBench, printGrowth } from '../../src/cli/steps/print-bench.js'
import { createOutput } from '../../src/cli/output.js'
import { filedManifold } from '../bench/datasets/manifold.js'
import { foldGraphs, withGraphs } from '../bench/graphs.js'
import { halfBits, halfValue } from '../bench/half.js'
import { bestCurve, fastestAt, levelsOf, logSlope, standsFor } from '../bench/levels.js'
import type { MethodRun } from '../bench/measure.js'
import { methods } from '../bench/methods/all.js'
import { figuresOf } from '../bench/report.js'
import { slopesOf } from '../bench/growth.js'
import { memoryStream } from './streams.js'

// These tests only compute figures and open no database, so one engine suffices.
describe.runIf(inject('engine') === 'embedded')('figures of bench', () => {
  const curve = [point('fast', 0.8, 1), point('slow', 0.99, 4), point('good', 0.95, 2)]

  it('represents a method by its fastest setting with a recall of 0.95, or else by its best', () => {
    expect(standsFor(curve)).toBe(curve[2])
    expect(standsFor(curve.slice(0, 1))).toBe(curve[0])
    expect(standsFor([])).toBeUndefined()
  })

  it('choose the fastest setting at each recall, and none if no setting reaches it', () => {
    expect(fastestAt(curve, 0.9)?.setting).toBe('good')
    expect(fastestAt(curve, 0.99)?.setting).toBe('slow')
    expect(fastestAt(curve, 0.995)).toBeUndefined()
  })

  it('compare methods at the same recall if both reach it', () => {
    const levels = levelsOf(curve, [point('graph', 0.96, 1)])
    expect(levels.map(({ ratio_to_hnsw }) => ratio_to_hnsw)).toEqual([2, 2, null])
    expect(levelsOf(curve, undefined)[0]).toMatchObject({ p50_ms: 2, ratio_to_hnsw: null })
  })

  it('use the best of several graphs: sufficient recall first, then speed', () => {
    const low = [point('a', 0.94, 0.1)]
    expect(bestCurve([low, curve, [point('b', 0.96, 1.5)]])).toBe(2)
    expect(bestCurve([[point('a', 0.9, 0.1)], low])).toBe(1)
    const runs = [run('hnsw-64', low), run('hnsw-64-graph2', curve), run('ours', curve)]
    const folded = foldGraphs(runs)
    expect(folded.map(({ name, curve }) => [name, curve])).toEqual([
      ['hnsw-64', curve],
      ['ours', curve],
    ])
    expect(figuresOf(folded[0]!, undefined, undefined)).toMatchObject({
      setting: 'good',
      graphs: [{ curve: low }, { curve }],
    })
  })

  it('build the given number of graphs of the reference and one of each other method', () => {
    const names = withGraphs(methods, 3).map(({ name }) => name)
    expect(names.filter((name) => name.startsWith('hnsw-64'))).toEqual([
      'hnsw-64',
      'hnsw-64-graph2',
      'hnsw-64-graph3',
    ])
    expect(names).toHaveLength(methods.length + 2)
  })

  it('query one index by several methods', () => {
    const ours = methods.filter(({ name, of }) => name === 'ours' || of?.name === 'ours')
    expect(ours.map(({ name }) => name)).toEqual([
      'ours',
      'ours-sql',
      'ours-kysely',
      'ours-prepared',
    ])
  })

  it('fit the exponent of growth, and return null for a single size', () => {
    const square = [10, 100, 1000].map((x) => [x, 3 * x ** 0.5] as const)
    expect(logSlope(square)).toBeCloseTo(0.5, 12)
    expect(logSlope(square.slice(1, 2))).toBeNull()
    expect(logSlope([...square, [1, NaN]])).toBeNull()
    const sizes = [1, 10, 100].map((rows) => ({
      rows,
      methods: [figuresOf(foldGraphs([run('ours', curve, rows)])[0]!, undefined, undefined)],
    }))
    expect(slopesOf(sizes)).toEqual([{ name: 'ours', p50: 0, build: expect.closeTo(1), bytes: 0 }])
  })

  it('are printed in tables of at most 120 columns', () => {
    const figures = methods.map(({ name }) => {
      const named = run(name, [point('probes=320 candidates=200', 0.951, 1234.5)], 9999.9)
      const folded = { ...foldGraphs([named])[0]!, untouched: curve[0]! }
      const writes = { inserts_per_s: 12345, bulk_rows_per_s: 123456, bulk: {}, bulk_into: 1 }
      return figuresOf(folded, curve, writes)
    })
    const size = {
      dataset: 'manifold-1m',
      rows: 10_000_000,
      dims: 96,
      queries: 1000,
      methods: figures,
      conditions: [1, 0.5, 0.1, 0.01, 0.001].map((share) => {
        const figures = { recall_at_10: 1, p50_ms: 1234.5, p95_ms: 1, ratio: 12.34, short: 0 }
        return { door: 'nearest, hashed', share, ...figures }
      }),
      load: [
        {
          method: 'ours',
          setting: 'probes=240 candidates=150',
          clients: 16,
          queries_per_s: 12345,
          p50_ms: 1,
          p95_ms: 2,
        },
      ],
      absent: [],
      files: [],
    }
    const stdout = memoryStream()
    const output = createOutput({ stdout, stderr: memoryStream() })
    printBench(output, size)
    printGrowth(output, { sizes: [size], slopes: [{ name: 'ours', p50: 0.4, build: 1, bytes: 1 }] })
    const lines = stdout.text().split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120)
  })

  it('build a data set of any size in parts, and a smaller one has the same first rows', () => {
    const options = { name: 'm', dims: 8, inner: 4, centres: 5, layer: 8, noise: 0.1 }
    const made = (rows: number, halfvec: boolean) =>
      [...filedManifold({ ...options, rows, halfvec }).blocks()].flatMap(({ values }) => [
        ...values,
      ])
    const small = made(3, false)
    const large = made(12_000, false)
    expect(large).toHaveLength(8 * 12_000)
    expect(large.slice(0, 24)).toEqual(small)
    expect(made(3, true)).toEqual(small.map((value) => halfValue(halfBits(value))))
  })

  it('round to half precision as IEEE 754 specifies', () => {
    const pairs: [number, number][] = [
      [0, 0x0000],
      [-0, 0x8000],
      [1, 0x3c00],
      [-2, 0xc000],
      [65504, 0x7bff],
      [65520, 0x7c00],
      [1e9, 0x7c00],
      [2 ** -14, 0x0400],
      [2 ** -24, 0x0001],
      [2 ** -25, 0x0000],
      [1.5 * 2 ** -24, 0x0002],
      [1 + 2 ** -11, 0x3c00],
      [1 + 3 * 2 ** -11, 0x3c02],
      [2 - 2 ** -12, 0x4000],
    ]
    for (const [value, bits] of pairs) expect([value, halfBits(value)]).toEqual([value, bits])
    for (let bits = 0; bits < 0x7c00; bits++) expect(halfBits(halfValue(bits))).toBe(bits)
    expect(halfValue(halfBits(NaN))).toBeNaN()
  })
})

function point(setting: string, recall_at_10: number, p50_ms: number) {
  return { setting, recall_at_10, p50_ms, p95_ms: 2 * p50_ms }
}

function run(name: string, curve: MethodRun['curve'], build_s = 1): MethodRun {
  const method = methods.find((one) => one.name === name) ?? methods[0]!
  const built = { build_s, index_bytes: 2e9, memory: null }
  // No figure depends on the machine or the data set.
  const prepared = { method, built } as MethodRun['prepared']
  return { name, prepared, settings: [], curve, untouched: null }
}
