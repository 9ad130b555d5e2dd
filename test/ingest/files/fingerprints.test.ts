import { expect, test } from 'vitest'
import { fingerprint, openFingerprints } from '../../../src/ingest/files/fingerprints.js'

test('fingerprints of 200,000 keys are distinct and take at most 64 bytes each', () => {
  const before = process.memoryUsage().arrayBuffers
  const prints = openFingerprints()
  let agreed = 0
  for (let i = 0; i < 200_000; i++) if (prints.add(fingerprint(`key ${i}`))) agreed++
  expect(agreed).toBe(0)
  expect(prints.count()).toBe(200_000)
  // Arrays that it has outgrown count until they are collected.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200_000 * 16 * 4)
  expect(prints.add(fingerprint('key 77'))).toBe(true)
  prints.clear()
  expect(prints.add(fingerprint('key 77'))).toBe(false)
})
