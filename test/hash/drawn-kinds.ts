import { FAMILY_KINDS, KINDS } from '../../src/hash/kinds.js'

/** The kinds that `lsh.create_family` draws, as the client does. */
export const DRAWN_KINDS = FAMILY_KINDS.filter((kind) => !KINDS[kind].learned)
