import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { encodeSpace } from '../../src/store/encode/features.js'
import { addEncoder } from '../../src/store/spaces/encoders.js'
import { makeSpace } from '../store/codes/made-space.js'
import { smallPixels } from '../store/encode/trained.js'
import { usePlace } from './place.js'
import { cli, useCli, type CliRun } from './run.js'
import { writeTinyPlans } from './tiny-plans.js'

useCli()
const place = usePlace()

/** Runs a command while another session holds a lock, which is released once the command reports that it waits. */
async function runBehind(lock: string, args: readonly string[]): Promise<CliRun> {
  const holder = new pg.Client({ connectionString: place.db, application_name: 'nightly report' })
  await holder.connect()
  await holder.query('begin')
  await holder.query(lock)
  let said = ''
  let ending: Promise<void> | undefined
  const run = await cli(args, {
    place: place.db,
    killAfter: 60_000,
    onStderr: (text) => {
      said += text
      if (said.includes('pg_terminate_backend')) ending ??= holder.end()
    },
  })
  await (ending ?? holder.end())
  return run
}

describe.runIf(inject('engine') === 'server')('a command that waits for a lock', () => {
  let [plans, vectors] = ['', '']

  beforeAll(async () => {
    plans = await mkdtemp(join(tmpdir(), 'pg-lsh-waits-'))
    await writeTinyPlans(plans, 2)
    vectors = `${plans}.ndjson`
    await writeFile(vectors, '{"key":1,"v":[1,2]}\n')
    await place.withStore(async (store) => {
      await makeSpace(store, { patients: 3, slices: 2 })
      await store.transaction(async (transaction) =>
        addEncoder(transaction, await smallPixels(), {
          name: 'pixel',
          dataset: 'made',
          trainedOn: [],
        }),
      )
      await encodeSpace(store, 'pixel')
      await store.pool.query('truncate space.pixel')
      await store.pool.query('create table waited (key int primary key, v vector(2))')
    })
  })

  afterAll(async () => {
    await rm(plans, { recursive: true })
    await rm(vectors)
  })

  it.each<[string, () => string[], string]>([
    [
      'the lock of "pg-lsh migrate"',
      () => ['migrate'],
      `select pg_advisory_lock(hashtext('pg-lsh migrate'))`,
    ],
    [
      'the lock of "pg-lsh load"',
      () => ['load', 'openkbp', plans, '--dataset', 'tiny'],
      `select pg_advisory_lock(hashtext('pg-lsh load'))`,
    ],
    [
      'table waited',
      () => ['load', 'vectors', vectors, '--table', 'public.waited', '--file-vector', 'v'],
      'lock table waited',
    ],
    [
      'the lock of "pg-lsh encode"',
      () => ['encode', '--space', 'pixel'],
      `select pg_advisory_lock(hashtext('pg-lsh encode'), hashtext('pixel'))`,
    ],
    ['table cbir.item', () => ['doctor'], 'lock table cbir.item'],
  ])(
    'reports that it waits for %s, which session holds it, and how to end that session',
    async (what, args, lock) => {
      const { code, stderr } = await runBehind(lock, args())
      expect(stderr).toMatch(
        new RegExp(
          `warning: waiting for ${what} for \\d+ s: held by process \\d+ ` +
            `\\(application "nightly report", user \\w+, idle in transaction since \\d{4}-.*\\)\\n` +
            `  Wait for it, or end it: select pg_terminate_backend\\(\\d+\\);`,
        ),
      )
      expect(code).toBe(0)
    },
  )
})
