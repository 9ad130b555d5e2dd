import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import { startBackend } from '../../../src/encode/backend/backend.js'

describe('startBackend', () => {
  afterAll(async () => {
    await startBackend({ prefer: 'wasm' })
  })

  it('chooses the fastest back end that can train, and reports why others are unavailable', async () => {
    const info = await startBackend()
    expect(['tensorflow', 'wasm']).toContain(info.name)
    expect(info.slow).toBe(false)
    expect(info.version).toMatch(/^4\./)
    expect(info.reason).toMatch(info.name === 'wasm' ? /^WebAssembly.*; no tensorflow: / : /native/)
    expect(tf.getBackend()).toBe(info.name)
  })

  it('starts once even if it is called twice at the same time', async () => {
    const [first, second] = await Promise.all([startBackend(), startBackend()])
    expect(second).toBe(first)
    expect(await startBackend()).toBe(first)
  })

  it('uses the preferred back end and warns if it is slow', async () => {
    const cpu = await startBackend({ prefer: 'cpu' })
    expect(cpu).toMatchObject({ name: 'cpu', slow: true })
    expect(cpu.reason).toBe('plain JavaScript, about 150 times slower than WebAssembly, as asked')
    expect(await startBackend()).toBe(cpu)
    const wasm = await startBackend({ prefer: 'wasm' })
    expect(wasm).toMatchObject({ name: 'wasm', slow: false })
    expect(tf.getBackend()).toBe('wasm')
  })

  it('falls back to the next back end if the preferred one is missing', async () => {
    const info = await startBackend({ prefer: 'tensorflow' })
    if (info.name !== 'tensorflow') {
      expect(info.name).toBe('wasm')
      expect(info.reason).toContain('no tensorflow: @tensorflow/tfjs-node ')
    }
  })

  it('leaves no process-wide exception handler and no tensor behind', async () => {
    const handlers = process.listeners('uncaughtException').map(String)
    expect(handlers.filter((handler) => handler.includes('ExitStatus'))).toEqual([])
    await startBackend({ prefer: 'wasm' })
    expect(tf.memory().numTensors).toBe(0)
  })
})
