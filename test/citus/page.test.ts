import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { argumentsOf, fencedBlocks, pgLshCommands } from '../cli/readme.js'
import { cli, useCli } from '../cli/run.js'
import { describeOnCitus, useCluster } from './cluster.js'

describeOnCitus('docs/beyond-one-machine.md', () => {
  useCli()
  const cluster = useCluster(['citus_page'])

  it('has only statements and commands that run on a cluster', async () => {
    const page = fileURLToPath(new URL('../../docs/beyond-one-machine.md', import.meta.url))
    const blocks = fencedBlocks(await readFile(page, 'utf8'))
    const statements = blocks.filter(({ language }) => language === 'sql')
    expect(statements).toHaveLength(1)
    for (const statement of (statements[0]?.text ?? '').split(/;$/m))
      if (statement.trim() !== '') await cluster.rows(statement)
    const commands = pgLshCommands(blocks).filter(({ command }) => !command.includes('family'))
    expect(commands).toHaveLength(2)
    for (const { command } of commands)
      for (const args of await argumentsOf(command))
        expect(await cli(args, { place: cluster.url })).toMatchObject({ code: 0 })
    expect(
      await cluster.rows(
        `select count(*)::int from pg_dist_shard where logicalrelid = 'citus_page'::regclass`,
      ),
    ).toEqual([{ count: 4 }])
  }, 200_000)
})
