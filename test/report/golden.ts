import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'

const FOLDER = new URL('./golden/', import.meta.url)

/**
 * Compares a rendering byte for byte with a kept file that was inspected. After an intended change run `UPDATE_GOLDEN=1
 * npx vitest run test/report` and inspect the files.
 */
export function expectGolden(name: string, actual: string): void {
  const file = new URL(name, FOLDER)
  if (process.env.UPDATE_GOLDEN) {
    mkdirSync(FOLDER, { recursive: true })
    writeFileSync(file, actual)
  }
  expect(existsSync(file), `${name} is kept; if new, run with UPDATE_GOLDEN=1`).toBe(true)
  expect(
    actual,
    `${name} is as kept; after a wanted change, run "UPDATE_GOLDEN=1 npx vitest run test/report" and look at it`,
  ).toBe(readFileSync(file, 'utf8'))
}
