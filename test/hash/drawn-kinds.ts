import { FAMILY_KINDS, KINDS } from '../../src/hash/kinds.js'

/** The kinds for which `lsh.create_family` draws directions, as the client does. */
export const DRAWN_KINDS = FAMILY_KINDS.filter((kind) => !KINDS[kind].learned)
