import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Place } from './place.js'
import { cli, resultOf } from './run.js'

interface Figures {
  queries: number
  bits: number
  dice_at_10: number
  jaccard_at_10: number
  recall_at_10: number
  visited_share: number
  milliseconds: number
}

interface Demo extends Figures {
  dataset: string
  synthetic: boolean
  plans: number
  items: number
  spaces: Record<string, Figures>
  seconds: Record<string, number>
  report: string
  sql: string[]
}

/** Runs the demo on a synthetic cohort and checks its result, its page and its statements. */
export async function expectDemo(
  place: Place,
  folder: string,
  { patients, queries }: { patients: number; queries: number },
): Promise<Demo> {
  const report = join(folder, 'page.html')
  const args = ['demo', '--patients', patients, '--queries', queries, '--report', report, '--json']
  const run = await cli(args.map(String), { place: place.db })
  expect(run.stderr).not.toMatch(/^error/m)
  expect(run.code).toBe(0)
  expect(run.stderr).toContain('synthetic cohort')
  expect(run.stderr).toMatch(/in a browser: npx pg-lsh --db .* serve --open/)
  for (const step of ['1. load', '2. train', '3. encode', '4. hash', '5. index', '6. search'])
    expect(run.stderr).toContain(step)

  const demo = resultOf(run) as Demo
  expect(demo).toMatchObject({ dataset: 'synthetic', synthetic: true, plans: patients, report })
  expect(demo.items).toBeGreaterThan(patients * 40)
  expect(Object.keys(demo.spaces)).toEqual(['ct_shallow', 'dose_shallow', 'joint_shallow'])
  expect(demo).toMatchObject(demo.spaces.ct_shallow as Figures)
  for (const figures of Object.values(demo.spaces)) {
    expect(figures).toMatchObject({ queries, bits: 512 })
    const { dice_at_10: dice, jaccard_at_10: jaccard } = figures
    expect(dice).toBeGreaterThan(0.3)
    expect(dice).toBeLessThanOrEqual(1)
    // J = D / (2 - D) is convex, so the mean of J is at least J of the mean of D.
    expect(jaccard).toBeGreaterThanOrEqual(dice / (2 - dice) - 1e-9)
    expect(jaccard).toBeLessThanOrEqual(dice)
    expect(figures.recall_at_10).toBeGreaterThan(0.8)
    expect(figures.recall_at_10).toBeLessThanOrEqual(1)
    expect(figures.visited_share).toBeGreaterThan(0)
    expect(figures.visited_share).toBeLessThanOrEqual(1)
    expect(figures.milliseconds).toBeGreaterThan(0)
  }
  expect(Object.keys(demo.seconds)).toEqual([
    'load',
    'train',
    'encode',
    'hash',
    'index',
    'search',
    'compare',
  ])

  const page = await readFile(report, 'utf8')
  expect(page).toMatch(/^<!doctype html>/i)
  expect(page).toContain('synthetic')
  expect(page).toContain('<svg')
  expect(page).toMatch(/Gy/)
  expect(page).toMatch(/mm/)
  expect(demo.sql).toHaveLength(3)
  for (const statement of demo.sql) {
    const answer = await place.withStore(({ pool }) => pool.query(statement))
    expect(answer.rows.length).toBeGreaterThan(0)
  }
  return demo
}
