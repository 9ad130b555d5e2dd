/** Euclidean distance of two vectors of equal length, summed in double precision. */
export function vectorDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    sum += difference * difference
  }
  return Math.sqrt(sum)
}
