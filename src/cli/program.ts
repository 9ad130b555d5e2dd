import tab from '@bomb.sh/tab/commander'
import { Command } from 'commander'
import { addAuditCommand } from './commands/audit.js'
import { addBenchCommand } from './commands/bench.js'
import { addCompareCommand } from './commands/compare.js'
import { addDemoCommand } from './commands/demo.js'
import { addDoctorCommand } from './commands/doctor.js'
import { addEncodeCommand } from './commands/encode.js'
import { addExportCommand } from './commands/export.js'
import { addEncoderCommand } from './commands/encoder.js'
import { addFamilyCommand } from './commands/family.js'
import { addIndexCommand } from './commands/index-codes.js'
import { addLoadCommand } from './commands/load.js'
import { addMigrateCommand } from './commands/migrate.js'
import { addEvaluateCommand } from './commands/evaluate.js'
import { addOutliersCommand } from './commands/outliers.js'
import { addPredictCommand } from './commands/predict.js'
import { addReconstructCommand } from './commands/reconstruct.js'
import { addReportCommand } from './commands/report.js'
import { addSearchCommand } from './commands/search.js'
import { addSqlCommand } from './commands/sql.js'
import { addTrainCommand } from './commands/train.js'
import { addGrantCommand, addRevokeCommand } from './commands/grant.js'
import { suggestChoices } from './did-you-mean.js'
import { addUnloadCommand } from './commands/unload.js'
import { addVerifyCommand } from './commands/verify.js'

/** The whole command line, with shell completion. */
export function createProgram(version: string): Command {
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
    .option('--quiet', 'print no progress and no remarks')
    .showHelpAfterError('Try "pg-lsh --help".')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
  addDemoCommand(program)
  addMigrateCommand(program)
  addDoctorCommand(program)
  addSqlCommand(program)
  addLoadCommand(program)
  addVerifyCommand(program)
  addUnloadCommand(program)
  addExportCommand(program)
  addTrainCommand(program)
  addEncodeCommand(program)
  addEncoderCommand(program)
  addReconstructCommand(program)
  addFamilyCommand(program)
  addIndexCommand(program)
  addSearchCommand(program)
  addCompareCommand(program)
  addEvaluateCommand(program)
  addPredictCommand(program)
  addOutliersCommand(program)
  addReportCommand(program)
  addBenchCommand(program)
  addAuditCommand(program)
  addGrantCommand(program)
  addRevokeCommand(program)
  for (const command of allCommands(program)) {
    command.exitOverride().configureHelp({ showGlobalOptions: true })
    command.options.forEach(suggestChoices)
  }
  tab(program)
  return program
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
