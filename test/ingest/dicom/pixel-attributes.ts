import type { Attributes, Value } from './bytes.js'

/** One unsigned number of two bytes. */
export const us = (value: number): Value => ['US', [value]]

/** Attributes for the pixels of a grey image that uses all bits of a word. */
export function grayPixels(
  rows: number,
  columns: number,
  bits: number,
  signed: number,
): Attributes {
  return {
    '0028,0002': us(1),
    '0028,0004': ['CS', 'MONOCHROME2'],
    '0028,0010': us(rows),
    '0028,0011': us(columns),
    '0028,0100': us(bits),
    '0028,0101': us(bits),
    '0028,0102': us(bits - 1),
    '0028,0103': us(signed),
  }
}
