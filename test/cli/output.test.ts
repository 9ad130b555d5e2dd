import { describe, expect, it } from 'vitest'
import { createOutput, csvText, jsonText, tableText } from '../../src/cli/output.js'
import { memoryStream } from './streams.js'

const rows = [
  { item: 'a, b', distance: 0.5, hamming: 3, at: null },
  { item: 'c', distance: 12, hamming: 10, at: new Date(0) },
]

function made(options: { json?: boolean; quiet?: boolean }) {
  const stdout = memoryStream()
  const stderr = memoryStream()
  return { stdout, stderr, output: createOutput({ ...options, stdout, stderr }) }
}

describe('table', () => {
  it('aligns numbers to the right with equal decimals in each column', () => {
    expect(tableText(rows, ['item', { key: 'distance', label: 'mm', digits: 2 }, 'hamming'])).toBe(
      [
        '┌──────┬───────┬─────────┐',
        '│ item │    mm │ hamming │',
        '├──────┼───────┼─────────┤',
        '│ a, b │  0.50 │       3 │',
        '├──────┼───────┼─────────┤',
        '│ c    │ 12.00 │      10 │',
        '└──────┴───────┴─────────┘',
      ].join('\n'),
    )
  })

  it('prints nothing for a missing value and ISO 8601 for a date', () => {
    const text = tableText(rows, ['at'])
    expect(text).toContain('│                          │')
    expect(text).toContain('│ 1970-01-01T00:00:00.000Z │')
  })

  it('prints the headings if there are no rows', () => {
    expect(tableText<{ item: string }>([], ['item'])).toContain('│ item │')
  })
})

describe('csv', () => {
  it('has a heading, quotes values where needed, and prints numbers in full', () => {
    const precise = [
      { name: 'say "a, b"', value: 0.1 + 0.2, ok: true, at: new Date(0), none: null },
    ]
    expect(csvText(precise, [{ key: 'name', label: 'label' }, 'value', 'ok', 'at', 'none'])).toBe(
      'label,value,ok,at,none\n' +
        '"say ""a, b""",0.30000000000000004,true,1970-01-01T00:00:00.000Z,\n',
    )
  })
})

describe('json', () => {
  it('writes typed arrays as lists, and a bigint as a number if that is exact', () => {
    expect(jsonText({ x: Float32Array.of(0.5, 2), n: 12n, large: 2n ** 60n })).toBe(
      '{"x":[0.5,2],"n":12,"large":"1152921504606846976"}',
    )
  })
})

describe('output', () => {
  it('writes messages to stderr and results to stdout', () => {
    const { output, stdout, stderr } = made({})
    output.say('3 found')
    output.table(rows, ['item'])
    output.csv(rows, ['item'])
    output.result({ found: 3 })
    expect(stderr.text()).toBe('3 found\n')
    expect(stdout.text()).toBe(`${tableText(rows, ['item'])}\nitem\n"a, b"\nc\n`)
  })

  it('writes nothing but one line of JSON to stdout with --json', () => {
    const { output, stdout, stderr } = made({ json: true })
    output.say('3 found')
    output.table(rows, ['item'])
    output.csv(rows, ['item'])
    output.result({ found: 3 })
    expect(stderr.text()).toBe('3 found\n')
    expect(stdout.text()).toBe('{"found":3}\n')
  })

  it('keeps warnings and results with --quiet', () => {
    const { output, stdout, stderr } = made({ quiet: true })
    output.say('3 found')
    output.warn('slow back end')
    output.csv(rows, ['hamming'])
    expect(stderr.text()).toBe('warning: slow back end\n')
    expect(stdout.text()).toBe('hamming\n3\n10\n')
  })
})
