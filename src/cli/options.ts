import { InvalidArgumentError } from 'commander'

/** Parses an option that is a whole number of at least `least`. */
export function wholeNumber(least: number) {
  return (text: string): number => {
    const value = Number(text)
    if (Number.isInteger(value) && value >= least && value < 2 ** 31) return value
    throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`)
  }
}

/** Parses an option that is a positive number. */
export function positiveNumber(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError('It must be a positive number.')
}

/** Collects an option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}
