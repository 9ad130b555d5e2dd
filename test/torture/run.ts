/**
 * npm run torture -- --minutes 10: random operations of many clients in all isolation levels, with changes to tables
 * and indexes, maintenance, ended connections and a server that is killed. Afterwards every code is compared with its
 * row, and searches with the tables. Exits with 1 if anything was wrong. Not part of npm test.
 */
import { randomInt, randomUUID } from 'node:crypto'
import { Command } from 'commander'
import { extensionFiles } from '../../scripts/extension/files.mjs'
import { openStore } from '../../src/store/connection/connect.js'
import { migrate } from '../../src/store/schema/migrate.js'
import { ownServer } from '../cli/own-server.js'
import { onServer, withDatabase } from '../database.js'
import { machineOf, putScripts } from '../sql/extension/machine.js'
import { faultsOf } from './check.js'
import { openClient } from './client.js'
import { bringFaults } from './faults.js'
import { newTally, type Tally } from './tally.js'
import { createWorld, type World } from './world.js'

interface Options {
  minutes: string
  clients: string
  seed: string
  url?: string
  killServer: boolean
  extension?: boolean
  json?: boolean
}

const options = new Command('torture')
  .description('random work of many clients on a real server, with kills; then all is compared')
  .option('--minutes <n>', 'how long', '10')
  .option('--clients <n>', 'how many at once', '12')
  .option('--seed <n>', 'decides what each client does', String(randomInt(2 ** 31)))
  .option('--url <url>', 'a server of this machine (default: one that is made for the run)')
  .option('--no-kill-server', 'ends connections, but kills no process')
  .option('--extension', 'pg-lsh installed by "create extension" (default: by "pg-lsh migrate")')
  .option('--json', 'the result as JSON on stdout')
  .parse()
  .opts<Options>()

const say = (text: string) => process.stderr.write(`${text}\n`)
const seed = Number(options.seed)
const minutes = Number(options.minutes)
const server = options.url === undefined ? await ownServer() : undefined
const place = options.url ?? (await (server as NonNullable<typeof server>).openPlace('torture')).db
const name = `torture_${randomUUID().slice(0, 8)}`
const url = withDatabase(place, name)

await onServer(place, (client) => client.query(`create database ${name}`))
await (options.extension ? installExtension() : installByMigrate())
const world = await onServer(url, async (client) => {
  const made = await createWorld(client)
  await client.query('create schema lsh_test')
  await client.query(
    `create function lsh_test.expect_none(index text) returns void language plpgsql as $$
     declare found text;
     begin
       select string_agg(problem || ' ' || key, ', ') into found from lsh.verify_index(index);
       if found is not null then raise exception 'index % is out of step: %', index, left(found, 200) using errcode = 'XX001'; end if;
     end $$`,
  )
  return made
})
const { rows: versions } = await onServer(url, (client) =>
  client.query<{ version: string; pgvector: string }>(
    `select version() as version, extversion as pgvector from pg_extension where extname = 'vector'`,
  ),
)
const [{ version, pgvector }] = versions as [(typeof versions)[0]]
say(
  `${version}, pgvector ${pgvector}\nseed ${seed}, ${options.clients} clients, ${minutes} minutes`,
)

const tally = await torture(world)
const faults = await onServer(url, (client) => faultsOf(client, world, seed))
const failed = faults.length + tally.wrongResults.length + tally.unexpected.length > 0
report(tally, faults)
if (server) await server.remove()
else if (!failed)
  await onServer(place, (client) => client.query(`drop database ${name} with (force)`))
process.exitCode = failed ? 1 : 0

async function installByMigrate(): Promise<void> {
  const store = await openStore(url)
  await migrate(store)
  await store.close()
}

async function installExtension(): Promise<void> {
  const machine = await machineOf(place)
  if (!machine) throw new Error('The files of the server are out of reach: leave --url out.')
  await putScripts(machine, extensionFiles())
  await onServer(url, (client) => client.query('create extension pg_lsh cascade'))
}

async function torture(made: World): Promise<Tally> {
  const counted = newTally(pgvector)
  const ends = Date.now() + minutes * 60_000
  const clients = Array.from({ length: Number(options.clients) }, (_, i) =>
    openClient(url, made, seed + i, counted),
  )
  const everySeconds = Math.max(10, (minutes * 60) / 18)
  const faultsBrought = bringFaults(
    { url, seed: seed - 1, killServer: options.killServer, everySeconds },
    counted,
    ends,
  )
  const progress = setInterval(() => {
    const left = Math.max(0, Math.round((ends - Date.now()) / 1000))
    say(`${left} s left: ${total(counted.operations)} operations, ${total(counted.errors)} errors`)
  }, 15_000)
  await Promise.all([...clients.map((client) => client.run(ends)), faultsBrought])
  clearInterval(progress)
  return counted
}

function total(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

function report({ operations, errors, kills, wrongResults, unexpected }: Tally, found: string[]) {
  const result = {
    server: version,
    pgvector,
    seed,
    minutes,
    clients: Number(options.clients),
    extension: options.extension === true,
    operations: total(operations),
    byKind: operations,
    kills,
    errors,
    unexpected: unexpected.slice(0, 50),
    wrongResults: wrongResults.slice(0, 50),
    faults: found.slice(0, 50),
  }
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`)
  else process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
  say(
    `${result.operations} operations, ${kills.backends} connections ended, ${kills.server} kills of the server: ` +
      `${wrongResults.length} wrong results, ${unexpected.length} unexpected errors, ${found.length} faults` +
      (server === undefined && failed ? `; kept for a look: ${url}` : ''),
  )
}
