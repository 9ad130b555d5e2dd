import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { planFromVolume } from '../../src/ingest/volume/volume.js'
import { loadPlan } from '../../src/store/plans/load-plan.js'
import { useTestDatabase } from '../database.js'
import { tinyVolume } from '../ingest/fixtures.js'
import { rowsOf } from './asking.js'
import { machine, program } from './extension/server.js'

const path = fileURLToPath(new URL('../../docs/analysts.md', import.meta.url))
const database = useTestDatabase()

/** The page, with the output of psql after each SQL block. `vitest -u` writes it to the file. */
async function withOutput(page: string): Promise<string> {
  let written = ''
  for (const part of page.split(/(?<=^```\n)/m)) {
    if (/^\n*```text\n/.test(part)) continue
    written += part
    const [, statements] = /^```sql\n([^]*)```\n$/m.exec(part) ?? []
    if (statements === undefined) continue
    const printed = await program(
      'psql',
      ['-q', '-X', '-v', 'ON_ERROR_STOP=1', '-f', '-', database.place],
      {
        input: statements,
      },
    )
    const lines = printed
      .trimEnd()
      .split('\n')
      .map((line) => line.trimEnd())
    if (printed.trim() !== '') written += `\n\`\`\`text\n${lines.join('\n')}\n\`\`\`\n`
  }
  return written
}

describe.skipIf(machine === null)('docs/analysts.md', () => {
  beforeAll(async () => {
    for (const number of [1, 2, 3, 4, 5, 6]) {
      const plan = planFromVolume(tinyVolume({ k: 40 + 4 * number, gy: 45 + 5 * number }), {
        sourceKey: `phantom/phantom-${number}`,
        patient: `phantom-${number}`,
        split: 'train',
        checksum: `${number}`,
        site: 'head and neck',
      })
      await loadPlan(database.store, 'synthetic', plan)
    }
    await rowsOf(
      database.store,
      `insert into cbir.encoder (name, dataset, architecture, dims, preprocessing, topology, weights,
         history, training, trained_on, checksum)
       values ('figures', 'synthetic', 'none', 3, '{}', '{}', '', '[]', '{}', '{}', '')`,
    )
    await rowsOf(database.store, `select cbir.create_space('figures', 3, 'figures')`)
  })

  it('shows the output that psql prints', async () => {
    await expect(await withOutput(readFileSync(path, 'utf8'))).toMatchFileSnapshot(path)
  })
})
