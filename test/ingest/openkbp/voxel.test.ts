import { describe, expect, test } from 'vitest'
import { parseVoxelMm } from '../../../src/ingest/openkbp/voxel.js'

describe('parseVoxelMm', () => {
  test.each([
    ['three lines, as the challenge', '3.906250000000000000e+00\n3.906250000000000000e+00\n2.5\n'],
    ['Windows line ends', '3.90625\r\n3.90625\r\n2.5\r\n'],
    ['a byte order mark', 'ï»¿3.90625\n3.90625\n2.5\n'],
    ['blanks and blank lines at the end', '  3.90625 \n3.90625\n2.5\n\n'],
    ['one line with commas', '3.90625,3.90625,2.5\n'],
    ['one line with blanks', '3.90625 3.90625  2.5\n'],
    ['one line with semicolons', '3.90625; 3.90625; 2.5\r\n'],
    ['one line with tabs', '3.90625\t3.90625\t2.5\n'],
    ['a header and numbers in front', ',data\n0,3.90625\n1,3.90625\n2,2.5\n'],
    ['a header with quotes', '"","data"\r\n0,3.90625\r\n1,3.90625\r\n2,2.5\r\n'],
    [
      'a last number in whole scientific notation, without a line feed',
      '3.90625\n3.90625\n2.5e+00',
    ],
  ])('reads %s', (_title, text) => {
    expect(parseVoxelMm(text, 'pt_1/voxel_dimensions.csv')).toEqual([3.90625, 3.90625, 2.5])
  })

  test.each([
    ['an empty file', '', 'line 1: has 0 lines, not 3'],
    ['a file without its last line feed', '4\n4\n2.5', 'line 3: file is cut off'],
    ['a negative size', '4\n-4\n2.5\n', 'line 2: "-4" is not a positive number'],
    ['a header with two sizes', ',data\n0,4\n1,4\n', 'line 4: has 2 lines, not 3'],
    ['four lines', '4\n4\n2.5\n1\n', 'line 5: has 4 lines, not 3'],
    ['a blank line between', '4\n\n2.5\n', 'line 2: "" is not a positive number'],
  ])('refuses %s, naming the line', (_title, text, message) => {
    expect(() => parseVoxelMm(text, 'pt_1/voxel_dimensions.csv')).toThrow(
      `pt_1/voxel_dimensions.csv ${message}`,
    )
  })
})
