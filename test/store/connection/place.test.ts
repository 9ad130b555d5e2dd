import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LshError } from '../../../src/core/errors.js'
import { parsePlace } from '../../../src/store/connection/place.js'

function refusal(text: string): LshError {
  try {
    parsePlace(text)
  } catch (error) {
    return error as LshError
  }
  throw new Error(`${text} was not refused`)
}

describe('parsePlace', () => {
  it.each([
    'postgres://me:s3cr3t@host:5432/plans',
    'postgresql://host/plans?sslmode=require',
    'postgres:///plans',
    'postgres://%2Fvar%2Frun%2Fpostgresql/plans',
    'postgres://[::1]:5432/plans',
  ])('recognises %s as a server', (url) => {
    expect(parsePlace(url)).toEqual({ kind: 'server', url })
  })

  it('recognises schemes in capitals', () => {
    const url = 'postgres://host/Plans'
    expect(parsePlace('POSTGRES://host/Plans')).toEqual({ kind: 'server', url })
  })

  it.each([
    '.pg-lsh',
    '/data/plans',
    '../mysql',
    './mysql:',
    '/data/a:b',
    'C:\\data\\plans',
    'c:/data/plans',
    'C:plans',
    'a folder',
    'postgres',
    '.demo/openkbp',
    'plans@2',
    'a=b',
  ])('recognises %s as a directory', (directory) => {
    expect(parsePlace(directory)).toEqual({ kind: 'directory', directory })
  })

  it.each([
    ['mysql://root:s3cr3t@host/db', /"mysql:".*supported/, /postgres:\/\//],
    ['postgress://me:s3cr3t@host/db', /"postgress:"/, /Write "postgres"/],
    ['postgre://host/db', /"postgre:"/, /Write "postgres"/],
    ['pgsql://host/db', /"pgsql:"/, /postgres:\/\//],
    ['postgres:/host/db', /slashes/, /postgres:\/\//],
    ['postgresql:db', /slashes/, /postgres:\/\//],
    ['sqlite:plans.db', /"sqlite:"/, /\.\//],
    ['mongodb+srv://host/db', /"mongodb\+srv:"/, /postgres:\/\//],
    ['https://host/db', /"https:"/, /postgres:\/\//],
    ['file:///data/plans', /file/, /--db \/data\/plans/],
    ['jdbc:postgresql://host/db', /JDBC/, /Leave out "jdbc:"/],
    ['socket:/var/run', /"socket:"/, /postgres:\/\//],
    ['"postgres://host/db"', /quote/, /Remove it/],
    [' postgres://host/db', /space/, /Remove it/],
    ['localhost:5432/db', /host and a port/, /postgres:\/\//],
    ['127.0.0.1:5432', /host and a port/, /postgres:\/\//],
    ['[::1]:5432/db', /host and a port/, /postgres:\/\//],
    ['host=localhost dbname=plans password=s3cr3t', /keywords/, /URL/],
    ['', /is empty/, /postgres:\/\//],
    ['  ', /is empty/, /postgres:\/\//],
  ])('refuses %j and quotes it', (text, message, hint) => {
    const error = refusal(text)
    expect(error).toBeInstanceOf(LshError)
    expect(error.code).toBe('bad_usage')
    expect(error.message).toMatch(message)
    expect(error.hint).toMatch(hint)
    expect(error.message + error.hint).not.toContain('s3cr3t')
  })

  it('never recognises a place with a scheme as a directory', () => {
    const letter = fc.constantFrom('a', 'm', 'p', 'z')
    const scheme = fc
      .tuple(
        letter,
        fc.array(fc.constantFrom('a', 'b', 'z', '0', '9', '+', '.', '-'), {
          minLength: 1,
          maxLength: 10,
        }),
      )
      .map(([first, rest]) => first + rest.join(''))
    fc.assert(
      fc.property(scheme, fc.constantFrom('//host/db', '/x', 'x', ''), (name, rest) => {
        const kind = /^postgres(ql)?$/.test(name) && rest.startsWith('//') ? 'server' : 'refused'
        try {
          expect(parsePlace(`${name}:${rest}`).kind).toBe(kind)
        } catch (error) {
          expect(error).toMatchObject({ name: 'LshError', code: 'bad_usage' })
        }
      }),
      { seed: 16 },
    )
  })
})
