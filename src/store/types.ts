import pg from 'pg'

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
      if (oid === vectorOid && format === 'text') return parseVector
      return standardParser(oid, format)
    },
    setVector(oid) {
      vectorOid = oid
    },
  }
}

/** Reads pgvector's text form `[1,2.5,…]`. */
export function parseVector(text: string): Float32Array {
  return Float32Array.from(text.slice(1, -1).split(','), Number)
}

/** pgvector's text form of a vector. */
export function vectorText(vector: ArrayLike<number>): string {
  return `[${Array.prototype.join.call(vector, ',')}]`
}
