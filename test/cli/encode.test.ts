import { describe, expect, it } from 'vitest'
import { usePlace } from './place.js'
import { cli, useCli } from './run.js'

useCli()
const place = usePlace()

describe('pg-lsh encode', () => {
  it.each([
    ['ct_shallow', 'pg-lsh train --space ct_shallow'],
    ['joint_shallow', 'ct_shallow'],
  ])('explains what %s needs before it can be filled', async (space, hint) => {
    const { code, stdout, stderr } = await cli(['encode', '--space', space], { place: place.db })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^error: .*\nhint: .*/)
    expect(stderr.split('\n')[1]).toContain(hint)
    expect(stderr).not.toContain('migrate')
  })
})
