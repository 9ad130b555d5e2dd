import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { expect, test } from 'vitest'
import { kinds } from './kinds.js'
import { conformancePage } from './page.js'

const path = join(import.meta.dirname, '../../docs/dicom-conformance.md')

test('docs/dicom-conformance.md is the rendering of the tables', async () => {
  const options = await resolveConfig(path)
  const page = await format(conformancePage(), { ...options, parser: 'markdown' })
  await expect(page).toMatchFileSnapshot(path)
})

test('names each set once', () => {
  const names = Object.values(kinds).flatMap((group) => group.map(({ name }) => name))
  expect(new Set(names).size).toBe(names.length)
})
