/** The greatest number of 4 bytes. */
const FLOAT4_MOST = 3.4028234663852886e38

/**
 * What keeps pgvector from taking a list of numbers, in words; null where nothing does. The numbers are those of the file,
 * before they become numbers of 4 bytes.
 */
export function numberProblem(numbers: ArrayLike<number>): string | null {
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i] as number
    if (Math.abs(value) <= FLOAT4_MOST) continue
    // What lies less than half a step beyond becomes the greatest one.
    if (Number.isFinite(Math.fround(value))) continue
    if (Number.isNaN(value)) return `number ${i + 1} is NaN`
    if (!Number.isFinite(value)) return `number ${i + 1} is infinite`
    return `number ${i + 1} is beyond the range of 4-byte numbers, ±3.4e38`
  }
  return null
}

export const NUMBER_REMEDY =
  'A vector holds finite numbers of 4 bytes: leave the row out, or write it again with valid numbers.'

const INT8 = { least: -(2n ** 63n), most: 2n ** 63n - 1n }

/** Whether a whole number is beyond bigint, the widest key of whole numbers. */
export function isBeyondBigint(key: bigint): boolean {
  return key < INT8.least || key > INT8.most
}
