import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createOutput } from '../../src/cli/output.js'
import { duration, progressLine, startProgress } from '../../src/cli/progress.js'
import { memoryStream } from './streams.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('progressLine', () => {
  it('shows share, rate, remaining time and the note', () => {
    expect(progressLine(250, 1000, 5000, 'loss 0.12')).toBe(
      '250/1000 (25 %), 50/s, 15 s left, loss 0.12',
    )
  })

  it('shows no remaining time before the first item and after the last', () => {
    expect(progressLine(0, 10, 0)).toBe('0/10 (0 %), 0.0/s')
    expect(progressLine(10, 10, 2000)).toBe('10/10 (100 %), 5.0/s')
    expect(progressLine(0, 0, 2000)).toBe('0/0 (100 %), 0.0/s')
  })
})

describe('duration', () => {
  it('has a precision that suits its length', () => {
    expect([2400, 48_000, 720_000, 12_600_000].map(duration)).toEqual([
      '2.4 s',
      '48 s',
      '12 min',
      '3.5 h',
    ])
  })
})

describe('startProgress', () => {
  it('writes at most one line every five seconds without a terminal, and one at the end', () => {
    const stderr = memoryStream()
    const progress = startProgress(createOutput({ stderr }), 'encode', 120)
    for (let second = 0; second < 12; second++) {
      vi.advanceTimersByTime(1000)
      progress.advance(10, 'batch')
    }
    progress.finish()
    progress.finish()
    expect(stderr.text()).toBe(
      'encode: 50/120 (41 %), 10/s, 7.0 s left, batch\n' +
        'encode: 100/120 (83 %), 10/s, 2.0 s left, batch\n' +
        'encode: 120 in 12 s (10/s)\n',
    )
  })

  it('reports the progress of work that ended early', () => {
    const stderr = memoryStream()
    const progress = startProgress(createOutput({ stderr }), 'load', 100)
    vi.advanceTimersByTime(2000)
    progress.advance(30)
    progress.finish()
    expect(stderr.text()).toBe('load: 30 of 100 in 2.0 s (15/s)\n')
  })

  it('draws a bar on a terminal, keeps only its last line, and does not capture Ctrl-C', () => {
    const stderr = memoryStream(true)
    const handlers = process.listenerCount('SIGINT')
    const progress = startProgress(createOutput({ stderr }), 'encode', 100)
    expect(process.listenerCount('SIGINT')).toBe(handlers)
    vi.advanceTimersByTime(1000)
    progress.advance(50, 'half')
    vi.advanceTimersByTime(1000)
    progress.finish()
    expect(stderr.text()).toContain(`${'█'.repeat(12)}${'░'.repeat(12)} 50/100 (50 %), 50/s`)
    expect(stderr.text()).toMatch(/encode: 50 of 100 in 2\.0 s \(25\/s\)\n$/)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('never reports more than 100 %, even if there are more items', () => {
    for (const tty of [false, true]) {
      const stderr = memoryStream(tty)
      const progress = startProgress(createOutput({ stderr }), 'index', 100)
      for (let second = 0; second < 12; second++) {
        vi.advanceTimersByTime(1000)
        progress.advance(20)
      }
      progress.finish()
      expect(stderr.text()).toMatch(/index: 240 in 12 s \(20\/s\)\n$/)
      for (const [, done, total, share] of stderr.text().matchAll(/(\d+)\/(\d+) \((\d+) %\)/g)) {
        expect(Number(done)).toBeLessThanOrEqual(Number(total))
        expect(Number(share)).toBeLessThanOrEqual(100)
      }
    }
  })

  it('shows no percentage if the total is unknown', () => {
    for (const tty of [false, true]) {
      const stderr = memoryStream(tty)
      const progress = startProgress(createOutput({ stderr }), 'load', null)
      vi.advanceTimersByTime(6000)
      progress.advance(30)
      progress.finish()
      expect(stderr.text()).not.toContain('%')
      expect(stderr.text()).toMatch(/30, 5\.0\/s/)
      expect(stderr.text()).toMatch(/load: 30 in 6\.0 s \(5\.0\/s\)\n$/)
    }
  })

  it('uses the number of items done as the total when work is completed early', () => {
    const stderr = memoryStream()
    const progress = startProgress(createOutput({ stderr }), 'index', 100)
    vi.advanceTimersByTime(2000)
    progress.advance(30)
    progress.complete()
    progress.finish()
    expect(stderr.text()).toBe('index: 30 in 2.0 s (15/s)\n')
  })

  it('writes nothing with --quiet', () => {
    const stderr = memoryStream(true)
    const progress = startProgress(createOutput({ quiet: true, stderr }), 'encode', 10)
    vi.advanceTimersByTime(6000)
    progress.advance(10)
    progress.complete()
    progress.finish()
    expect(stderr.text()).toBe('')
  })
})
