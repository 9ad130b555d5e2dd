// Loaded before the command line by kill.test.ts. Reports on stderr when the statement of a given number is
// sent, and at the end the number of statements. A clock would depend on the load of the machine.
import pg from 'pg'

const marked = Number(process.env.PG_LSH_TEST_STATEMENT)
const { query } = pg.Client.prototype
let count = 0

pg.Client.prototype.query = function counted(...args) {
  if (++count === marked) process.stderr.write('marked statement\n')
  return query.apply(this, args)
}
process.on('exit', () => process.stderr.write(`${count} statements\n`))
