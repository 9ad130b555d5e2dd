/** The largest number of 4 bytes. */
const FLOAT4_MOST = 3.4028234663852886e38

/**
 * The reason why pgvector would reject a list of numbers; null if it would not. The numbers are those of the file,
 * before rounding to 4 bytes.
 */
export function numberProblem(numbers: ArrayLike<number>): string | null {
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i] as number
    if (Math.abs(value) <= FLOAT4_MOST) continue
    // Numbers less than half a step beyond the limit round to it.
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

/** Whether an integer exceeds bigint, the largest integer type of keys. */
export function isBeyondBigint(key: bigint): boolean {
  return key < INT8.least || key > INT8.most
}
