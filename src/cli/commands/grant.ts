import type { Command } from 'commander'
import { LshError } from '../../core/errors.js'
import { parsePlace } from '../../store/connection/place.js'
import { grantReader, revokeReader, type ReaderRights } from '../../store/connection/readers.js'
import { contextOf, type Context } from '../context.js'
import { collect } from '../options.js'

interface GrantCommandOptions {
  create?: boolean
  index: string[]
}

export function addGrantCommand(program: Command): void {
  const grant = program.command('grant').description('grant rights to roles of a server')

  grant
    .command('reader')
    .description(
      'allow a role to read all existing plans, images and spaces and to search the indexes of spaces; run it again after you create a space or an index',
    )
    .argument('<role>', 'role of the server, or "public" for all of them')
    .option(
      '--create',
      'create the role if it does not exist, without login or password; set them with "alter role" and "\\password" in psql',
    )
    .option(
      '--index <name>',
      'index of another table to search too, may be repeated; only the owner of the table can grant this',
      collect,
      [],
    )
    .action(async (role: string, options: GrantCommandOptions, command: Command) => {
      const context = serverContext(command)
      const { output } = context
      const { create = false, index: indexes } = options
      const onWarning = (message: string, hint: string) => output.warn(`${message}\n  ${hint}`)
      const rights = await context.withStore((store) =>
        grantReader(store, role, { create, indexes, onWarning }),
      )
      const quoted = `"${role}"`
      if (rights.created)
        output.say(
          `role ${quoted} was created and may not log in yet; in psql: alter role ${quoted} login; \\password ${quoted}`,
        )
      output.say(`role ${quoted} may read ${listed(rights)}; it may not change them`)
      output.say('run this again after you create a space or an index')
      output.result(rights)
    })
}

export function addRevokeCommand(program: Command): void {
  const revoke = program.command('revoke').description('revoke rights that "grant" granted')

  revoke
    .command('reader')
    .description('revoke what "grant reader" granted to a role; the role remains')
    .argument('<role>', 'role of the server, or "public"')
    .option('--index <name>', 'index of another table to revoke, may be repeated', collect, [])
    .action(async (role: string, options: GrantCommandOptions, command: Command) => {
      const context = serverContext(command)
      const rights = await context.withStore((store) =>
        revokeReader(store, role, { indexes: options.index }),
      )
      context.output.say(
        `taken from role "${role}": ${listed(rights)}; what others granted, or all have, stays`,
      )
      context.output.result(rights)
    })
}

/** The context of a command on roles, which embedded databases do not have; checked before one is opened. */
function serverContext(command: Command): Context {
  const context = contextOf(command)
  if (parsePlace(context.place).kind === 'server') return context
  throw new LshError('bad_usage', 'an embedded database has only one user', {
    hint: 'Use a server: --db postgres://user@host:5432/database.',
  })
}

function listed({ tables, spaces, indexes }: ReaderRights): string {
  const names = (kind: string, all: readonly string[]) =>
    all.length === 0 ? `no ${kind}` : `${kind} ${all.join(', ')}`
  return `the ${tables} tables and views of schema cbir, ${names('spaces', spaces)}, ${names('indexes', indexes)}`
}
