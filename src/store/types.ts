import pg from 'pg'
import pgvector from 'pgvector'

/** The part of `pg`'s type registry that a pool takes. */
export interface TypeParsers {
  getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown
  /** Learns the oid that pgvector's type got in this database. */
  setVector(oid: number): void
}

const standardParser = pg.types.getTypeParser as TypeParsers['getTypeParser']

/** Parsers of one pool: `vector` as `Float32Array`, everything else as `pg` does. */
export function typeParsers(): TypeParsers {
  let vectorOid = 0
  return {
    getTypeParser(oid, format = 'text') {
      if (oid === vectorOid && format === 'text') {
        return (text) => Float32Array.from(pgvector.fromSql(text) as number[])
      }
      return standardParser(oid, format)
    },
    setVector(oid) {
      vectorOid = oid
    },
  }
}

/** pgvector's text form of a vector. */
export function vectorText(vector: ArrayLike<number>): string {
  return pgvector.toSql(Array.from(vector)) as string
}
