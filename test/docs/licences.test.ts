import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

interface Entry {
  readonly license?: string
  readonly dev?: boolean
  readonly optional?: boolean
}

const lock = fileURLToPath(new URL('../../package-lock.json', import.meta.url))
const { packages } = JSON.parse(readFileSync(lock, 'utf8')) as { packages: Record<string, Entry> }
const permissive = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'Unlicense',
  'Zlib',
]

function isPermissive(license: string): boolean {
  const parts = license.replace(/[()]/g, '').split(/ (?:AND|OR) /)
  return parts.every((part) => permissive.includes(part))
}

it('gives every production dependency a permissive licence', () => {
  const production = Object.entries(packages).filter(([path, { dev }]) => path !== '' && !dev)
  expect(production.length).toBeGreaterThan(100)
  const others = production
    .filter(([, { license }]) => !isPermissive(license ?? 'none stated'))
    // The libraries that sharp loads are optional and linked at run time.
    .filter(([path, { optional }]) => !(optional && path.includes('/@img/sharp-')))
    .map(([path, { license }]) => `${path}: ${license ?? 'none stated'}`)
  expect(others).toEqual([])
})

it.each(['MIT', '(MIT AND Zlib)', 'Apache-2.0 OR MIT'])('accepts the licence %s', (license) => {
  expect(isPermissive(license)).toBe(true)
})
it.each(['GPL-3.0', 'MIT AND LGPL-3.0-or-later', 'UNLICENSED'])(
  'refuses the licence %s',
  (license) => {
    expect(isPermissive(license)).toBe(false)
  },
)
