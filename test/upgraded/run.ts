/**
 * npm run test:upgraded: runs the tests of SQL and of searches on databases that were upgraded from each release. With
 * --pg-upgrade, a server made for the run takes a database of the newest release from PostgreSQL 17 to 18 by
 * pg_upgrade, and searches must find the same rows afterwards. Other arguments go to vitest. Not part of npm test.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { isDeepStrictEqual } from 'node:util'
import { fileURLToPath } from 'node:url'
import { openStore } from '../../src/store/connection/connect.js'
import { onServer, withDatabase } from '../on-server.js'
import { allFindings, write } from '../sql/extension/using.js'
import { releases } from '../sql/extension/version.js'
import { forgetMarks, makeEmptied, restoreKept } from './databases.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const given = process.argv.slice(2)
const rest = given.filter((one) => one !== '--pg-upgrade')
const FILES = ['test/sql', 'test/search']
const PORT = '55497'

const say = (line: string) => process.stderr.write(`${line}\n`)

process.exitCode = given.includes('--pg-upgrade') ? await byPgUpgrade() : await byRelease()

/** Runs the tests on the server of PG_LSH_TEST_URL, once for each release; the exit code. */
async function byRelease(): Promise<number> {
  const url = process.env.PG_LSH_TEST_URL
  if (url === undefined)
    throw new Error('Set PG_LSH_TEST_URL to the URL of a server of this machine.')
  let failed = 0
  for (const { version } of releases()) {
    const template = `pg_lsh_upgraded_${version.replaceAll('.', '_')}_${process.pid}`
    try {
      await makeEmptied(url, template, version)
      say(`release ${version} came up to this version`)
      failed = (await tests(url, template)) || failed
    } finally {
      await onServer(url, (client) =>
        client.query(`drop database if exists ${template} with (force)`),
      )
    }
  }
  return failed
}

/** Runs the tests on a server made for the run, with the newest release only; the exit code. */
async function byPgUpgrade(): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'pg-lsh-upgrade-'))
  const version = releases().at(-1)?.version ?? ''
  const server = async (...args: string[]) => {
    const child = spawn(join(root, 'docker/debian-server.sh'), [...args, '--dir', dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(child, 'close') as Promise<[number]>
    const printed = await text(child.stdout)
    const [code] = await ended
    if (code !== 0) throw new Error(`docker/debian-server.sh ${args.join(' ')} failed`)
    return printed.trim()
  }
  try {
    const old = await server('start', '--fast', '--port', PORT)
    await restoreKept(old, 'filled', version)
    await makeEmptied(old, 'emptied', version)
    const before = await found(old)
    for (const name of ['postgres', 'template1', 'filled', 'emptied'])
      await onServer(withDatabase(old, name), forgetMarks)
    const url = await server('upgrade', '--major', '18', '--fast')
    const after = await found(url)
    if (!isDeepStrictEqual(after, before))
      throw new Error(`pg_upgrade changed what is found:\n${JSON.stringify({ before, after })}`)
    const store = await openStore(withDatabase(url, 'filled'))
    const wrong = await write(store)
    await store.close()
    if (!isDeepStrictEqual(wrong, []))
      throw new Error(`rows written after pg_upgrade have wrong codes: ${JSON.stringify(wrong)}`)
    say(`${Object.keys(after).length} indexes are found as before pg_upgrade, and kept`)
    return await tests(url, 'emptied')
  } finally {
    await server('destroy')
  }
}

/** Families, rows that searches find, and faults of codes. */
async function found(url: string): Promise<Record<string, unknown>> {
  const store = await openStore(withDatabase(url, 'filled'))
  try {
    const { rows } = await store.pool.query<object>(
      'select name, checksum, lsh.family_checksum(name) as computed from lsh.family order by name',
    )
    return { ...(await allFindings(store)), families: rows }
  } finally {
    await store.close()
  }
}

/** Runs the tests on copies of a template database; the exit code. */
async function tests(url: string, template: string): Promise<number> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const files = rest.some((one) => one.startsWith('test/')) ? rest : [...FILES, ...rest]
  const child = spawn(process.execPath, [vitest, 'run', '--project', 'server', ...files], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PG_LSH_TEST_URL: url, PG_LSH_TEST_TEMPLATE: template },
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}
