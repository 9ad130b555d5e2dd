import { expect, it } from 'vitest'
import { parseCsv } from '../../../src/ingest/files/csv.js'

it('parseCsv reads quotes, any line end, missing cells and a byte order mark', () => {
  expect(parseCsv('\uFEFFfile,label\r\n"a,1.png","say ""x"""\nb.png\n\nc.png,', 't.csv')).toEqual([
    { file: 'a,1.png', label: 'say "x"' },
    { file: 'b.png', label: '' },
    { file: 'c.png', label: '' },
  ])
  expect(parseCsv('', 't.csv')).toEqual([])
})

it('parseCsv refuses an open quote and surplus cells, naming the record', () => {
  expect(() => parseCsv('file\n"a', 't.csv')).toThrow('t.csv, record 2: a quote is not closed')
  expect(() => parseCsv('file\na\nb,c', 't.csv')).toThrow('t.csv, record 3: 2 cells under 1 names')
})
