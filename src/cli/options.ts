import { InvalidArgumentError, Option } from 'commander'

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

/** `--retry`, of commands that wait for a server that is away. */
export function retryOption(): Option {
  return new Option(
    '--retry <seconds>',
    'how long a server may be away before this gives up (default: 60)',
  ).argParser(wholeNumber(0))
}
