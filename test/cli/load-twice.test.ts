import { expect, it } from 'vitest'
import { usePlace } from './place.js'
import { cli, resultOf, useCli } from './run.js'

useCli()
const place = usePlace()

const load = (dataset: string, ...more: string[]) =>
  cli(['load', 'synthetic', '--patients', '1', '--dataset', dataset, '--json', ...more], {
    place: place.db,
  })

it('pg-lsh load warns once of plans that another data set also contains', async () => {
  const first = await load('a')
  expect(resultOf(first)).toMatchObject({ loaded: 1, alsoIn: [] })
  expect(first.stderr).not.toContain('warning')
  const second = await load('b')
  expect(resultOf(second)).toMatchObject({ loaded: 1, alsoIn: [{ dataset: 'a', plans: 1 }] })
  expect(second.stderr.match(/warning: .*/g)).toEqual([
    'warning: 1 plan is in data set "a" too: searches find their slices at distance 0, as slices of other patients',
  ])
  expect(second.stderr).toContain('pg-lsh unload --dataset')
  // The result lists them on every run, also if it loads nothing.
  expect(resultOf(await load('a'))).toMatchObject({
    unchanged: 1,
    alsoIn: [{ dataset: 'b', plans: 1 }],
  })
  expect(resultOf(await load('c', '--seed', '2'))).toMatchObject({ alsoIn: [] })
})
