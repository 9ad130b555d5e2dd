import { ownEntry } from '../core/own-entry.js'
import { Command } from 'commander'
import { suggestChoices } from './did-you-mean.js'

type AddCommand = (program: Command) => void

/** The module of each command, loaded when the command runs: loading all of them takes a second. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  demo: async () => (await import('./commands/demo.js')).addDemoCommand,
  migrate: async () => (await import('./commands/migrate.js')).addMigrateCommand,
  doctor: async () => (await import('./commands/doctor.js')).addDoctorCommand,
  sql: async () => (await import('./commands/sql.js')).addSqlCommand,
  load: async () => (await import('./commands/load.js')).addLoadCommand,
  verify: async () => (await import('./commands/verify.js')).addVerifyCommand,
  unload: async () => (await import('./commands/unload.js')).addUnloadCommand,
  export: async () => (await import('./commands/export.js')).addExportCommand,
  train: async () => (await import('./commands/train.js')).addTrainCommand,
  encode: async () => (await import('./commands/encode.js')).addEncodeCommand,
  encoder: async () => (await import('./commands/encoder.js')).addEncoderCommand,
  reconstruct: async () => (await import('./commands/reconstruct.js')).addReconstructCommand,
  family: async () => (await import('./commands/family.js')).addFamilyCommand,
  index: async () => (await import('./commands/index-codes.js')).addIndexCommand,
  distribute: async () => (await import('./commands/distribute.js')).addDistributeCommand,
  search: async () => (await import('./commands/search.js')).addSearchCommand,
  compare: async () => (await import('./commands/compare.js')).addCompareCommand,
  evaluate: async () => (await import('./commands/evaluate.js')).addEvaluateCommand,
  predict: async () => (await import('./commands/predict.js')).addPredictCommand,
  outliers: async () => (await import('./commands/outliers.js')).addOutliersCommand,
  report: async () => (await import('./commands/report.js')).addReportCommand,
  serve: async () => (await import('./commands/serve.js')).addServeCommand,
  bench: async () => (await import('./commands/bench.js')).addBenchCommand,
  audit: async () => (await import('./commands/audit.js')).addAuditCommand,
  grant: async () => (await import('./commands/grant.js')).addGrantCommand,
  revoke: async () => (await import('./commands/grant.js')).addRevokeCommand,
}

/**
 * The command line for some arguments: only the command that they name or, if they name none (help, completion, a
 * typing error), all commands.
 */
export async function createProgram(
  version: string,
  args: readonly string[] = [],
): Promise<Command> {
  const program = new Command('pg-lsh')
    .description(
      'Kernel locality-sensitive hashing for PostgreSQL, and image retrieval on top of it.',
    )
    .version(version)
    .option(
      '--db <place>',
      'postgres:// URL of a server, or directory of an embedded database (default: DATABASE_URL, else ./.pg-lsh)',
    )
    .option('--json', 'print the result as one line of JSON, the last of stdout')
    .option('--quiet', 'print no progress and no messages')
    .showHelpAfterError('Try "pg-lsh --help".')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
  const name = commandOf(args) ?? ''
  const named = ownEntry(COMMANDS, name)
  for (const load of named ? [named] : Object.values(COMMANDS)) (await load())(program)
  for (const command of allCommands(program)) {
    command.exitOverride().configureHelp({ showGlobalOptions: true })
    command.options.forEach(suggestChoices)
  }
  if (!named) (await import('@bomb.sh/tab/commander')).default(program)
  return program
}

/** The first argument that is neither an option nor the value of one. */
function commandOf(args: readonly string[]): string | undefined {
  return args.find((arg, i) => !arg.startsWith('-') && args[i - 1] !== '--db')
}

function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)]
}

const EXAMPLES = `
Examples:
  pg-lsh load openkbp provided-data --dataset openkbp
  pg-lsh train --dataset openkbp --space ct_shallow --space dose_shallow
  pg-lsh encode --space ct_shallow
  pg-lsh family create --space ct_shallow && pg-lsh index create --space ct_shallow
  pg-lsh search --space ct_shallow --item 1
  pg-lsh sql "select * from cbir.similar_slices(1, 'ct_shallow')"

Completion for your shell: eval "$(pg-lsh complete bash)"  (or zsh, fish, powershell)`
