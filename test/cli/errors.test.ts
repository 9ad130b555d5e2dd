import { CommanderError } from 'commander'
import { describe, expect, it } from 'vitest'
import { reportError } from '../../src/cli/errors.js'
import { LshError } from '../../src/core/errors.js'
import { memoryStream } from './streams.js'

function reported(error: unknown, debug = false) {
  const stderr = memoryStream()
  return { code: reportError(error, { stderr, debug }), text: stderr.text() }
}

describe('reportError', () => {
  it('prints message and hint of an LshError and returns 1', () => {
    const error = new LshError('LSH01', 'family "a" does not exist', { hint: 'list the families' })
    expect(reported(error)).toEqual({
      code: 1,
      text: 'error: family "a" does not exist\nhint: list the families\n',
    })
  })

  it('returns 2 for bad usage', () => {
    expect(reported(new LshError('bad_usage', 'k is 0', { hint: 'give k above 0' })).code).toBe(2)
    expect(reported(new CommanderError(1, 'commander.unknownOption', 'said already'))).toEqual({
      code: 2,
      text: '',
    })
  })

  it('returns 0 for a request for help', () => {
    expect(reported(new CommanderError(0, 'commander.helpDisplayed', '(outputHelp)')).code).toBe(0)
  })

  it('prints the stack of an unknown error only with DEBUG', () => {
    const error = new Error('boom', { cause: new Error('deep down') })
    expect(reported(error)).toEqual({
      code: 1,
      text: 'error: boom\nhint: DEBUG=1 shows where it comes from\n',
    })
    const { code, text } = reported(error, true)
    expect(code).toBe(1)
    expect(text).toMatch(/^error: boom\nError: boom\n +at /)
    expect(text).toContain('deep down')
  })

  it('prints a text for errors without a message and for thrown values that are not errors', () => {
    const refused = new AggregateError([new Error('connect ECONNREFUSED ::1:1'), new Error('b')])
    expect(reported(refused).text).toMatch(/^error: connect ECONNREFUSED ::1:1; b\n/)
    expect(reported(new TypeError()).text).toMatch(/^error: TypeError\n/)
    expect(reported('just text').text).toMatch(/^error: just text\n/)
  })
})
