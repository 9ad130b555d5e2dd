import pg from 'pg'
import pgvector from 'pgvector'
import { bitCode, codeFromText, type BitCode } from '../../core/code.js'

/** The part of `pg`'s type registry that a pool uses. */
export interface TypeParsers {
  getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown
  /** Registers the oids of pgvector's types `vector` and `halfvec` in this database. */
  setVectors(oids: readonly number[]): void
}

/** The oid of `bit`, the same in every database. */
export const BIT_OID = 1560

const standardParser = pg.types.getTypeParser as TypeParsers['getTypeParser']

/** Parsers of one pool: `vector` and `halfvec` as `Float32Array`, `bit` as `BitCode`, everything else as `pg` does. */
export function typeParsers(): TypeParsers {
  let vectorOids: readonly number[] = []
  return {
    getTypeParser(oid, format = 'text') {
      if (format === 'text') {
        if (vectorOids.includes(oid)) return parseVector
        if (oid === BIT_OID) return parseBits
      }
      return standardParser(oid, format)
    },
    setVectors(oids) {
      vectorOids = oids
    },
  }
}

/** Reads a value of type `bit`, which may have no bits. */
export function parseBits(text: string): BitCode {
  return text === '' ? bitCode(0, new Uint8Array(0)) : codeFromText(text)
}

/** Reads pgvector's text form of a vector. */
export function parseVector(text: string): Float32Array {
  return Float32Array.from(pgvector.fromSql(text) as number[])
}

/** pgvector's text form of a vector. */
export function vectorText(vector: ArrayLike<number>): string {
  return pgvector.toSql(Array.from(vector)) as string
}
