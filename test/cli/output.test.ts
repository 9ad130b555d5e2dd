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
  it('puts numbers to the right, and gives one column the same digits', () => {
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

  it('leaves a missing value empty and writes a date as ISO 8601', () => {
    const text = tableText(rows, ['at'])
    expect(text).toContain('│                          │')
    expect(text).toContain('│ 1970-01-01T00:00:00.000Z │')
  })

  it('has a heading when there are no rows', () => {
    expect(tableText<{ item: string }>([], ['item'])).toContain('│ item │')
  })
})

describe('csv', () => {
  it('has a heading, quotes where needed, and numbers in full', () => {
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
  it('writes typed arrays as lists and a bigint as a number while it is exact', () => {
    expect(jsonText({ x: Float32Array.of(0.5, 2), n: 12n, large: 2n ** 60n })).toBe(
      '{"x":[0.5,2],"n":12,"large":"1152921504606846976"}',
    )
  })
})

describe('output', () => {
  it('gives the human lines on stderr and results on stdout', () => {
    const { output, stdout, stderr } = made({})
    output.say('3 found')
    output.table(rows, ['item'])
    output.csv(rows, ['item'])
    output.result({ found: 3 })
    expect(stderr.text()).toBe('3 found\n')
    expect(stdout.text()).toBe(`${tableText(rows, ['item'])}\nitem\n"a, b"\nc\n`)
  })

  it('has nothing but one line of JSON on stdout when JSON was asked for', () => {
    const { output, stdout, stderr } = made({ json: true })
    output.say('3 found')
    output.table(rows, ['item'])
    output.csv(rows, ['item'])
    output.result({ found: 3 })
    expect(stderr.text()).toBe('3 found\n')
    expect(stdout.text()).toBe('{"found":3}\n')
  })

  it('keeps warnings and results when quiet', () => {
    const { output, stdout, stderr } = made({ quiet: true })
    output.say('3 found')
    output.warn('slow back end')
    output.csv(rows, ['hamming'])
    expect(stderr.text()).toBe('warning: slow back end\n')
    expect(stdout.text()).toBe('hamming\n3\n10\n')
  })
})
