// npm run build:extension: writes dist/extension, the same SQL that "pg-lsh migrate" runs, for PostgreSQL's own
// "create extension" and for pg_tle.
//
//   --vector-schema SCHEMA  for PostgreSQL 15, whose scripts cannot ask where pgvector is
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { extensionFiles } from './extension/files.mjs'
import { root } from './extension/sources.mjs'

const { values } = parseArgs({ options: { 'vector-schema': { type: 'string' } } })
const folder = join(root, 'dist/extension')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
for (const [name, text] of Object.entries(
  extensionFiles({ vectorSchema: values['vector-schema'] }),
))
  writeFileSync(join(folder, name), text)
console.error(`wrote ${folder}`)
