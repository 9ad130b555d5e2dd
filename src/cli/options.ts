import { InvalidArgumentError, Option, type Command } from 'commander'

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

/** `--retry`, for commands that wait for an unavailable server. */
export function retryOption(): Option {
  return new Option(
    '--retry <seconds>',
    'how long to wait for an unavailable server (default: 60)',
  ).argParser(wholeNumber(0))
}

/** `--pseudonym-key` and `--pseudonym-key-file`, for commands that read names of patients. */
export function withPseudonymKey(command: Command): Command {
  return command
    .option('--pseudonym-key <key>', 'key of the pseudonyms of patients')
    .option(
      '--pseudonym-key-file <file>',
      'file with that key, created at first use (default: pg-lsh/pseudonym.key in XDG_CONFIG_HOME)',
    )
}

/** `--against`, for commands that search data sets other than that of the queries. */
export function againstOption(): Option {
  return new Option(
    '--against <names...>',
    'data sets to search (default: all; of the data set of the queries, the other patients)',
  )
}
