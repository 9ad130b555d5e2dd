// The files of dist/extension, by name.
import { adoptScript, installScript, unpackagedScript, updateScript } from './script.mjs'
import { packageJson, releases } from './sources.mjs'
import { tleScript } from './tle.mjs'

export const COMMENT = 'Locality-sensitive hashing over pgvector columns'

/**
 * All files of the extension.
 *
 * @param {object} [options]
 * @param {string} [options.version] Version that the scripts are of. (Default: that of package.json)
 * @param {string} [options.vectorSchema] Schema of pgvector, for PostgreSQL 15, whose scripts cannot ask for it.
 * @returns {Record<string, string>}
 */
export function extensionFiles({ version = packageJson().version, vectorSchema } = {}) {
  const loaded = (script, how = 'create extension pg_lsh') =>
    `\\echo Use "${how}" to load this file. \\quit\n\n` +
    script.replaceAll('@vector@', () => vectorSchema ?? '@extschema:vector@')
  const update = 'alter extension pg_lsh update'
  const older = releases().filter((release) => release.version !== version)
  return {
    'pg_lsh.control': control(version, vectorSchema),
    [`pg_lsh--${version}.sql`]: loaded(installScript()),
    ...Object.fromEntries(
      older.map((release) => [
        `pg_lsh--${release.version}--${version}.sql`,
        loaded(updateScript(release), update),
      ]),
    ),
    'pg_lsh--unpackaged.sql': loaded(
      unpackagedScript(),
      `create extension pg_lsh version 'unpackaged'`,
    ),
    [`pg_lsh--unpackaged--${version}.sql`]: loaded(adoptScript(), update),
    'pg_lsh.tle.sql': tleScript(version, COMMENT, older),
    Makefile: MAKEFILE,
    'META.json': meta(version),
  }
}

function control(version, vectorSchema) {
  return `# Kernel locality-sensitive hashing for PostgreSQL.
comment = '${COMMENT}'
default_version = '${version}'
requires = 'vector'
# The scripts make the schemas lsh, lsh_internal and lsh_index themselves, so that "drop extension" takes them along.
schema = pg_catalog
relocatable = false
# Everything belongs to whoever creates the extension. "trusted" would have no meaning beside this.
superuser = false
${vectorSchema === undefined ? `# Functions name the schema of pgvector.\nno_relocate = 'vector'\n` : ''}`
}

const MAKEFILE = `# make install PG_CONFIG=/usr/lib/postgresql/17/bin/pg_config
EXTENSION = pg_lsh
DATA = $(wildcard pg_lsh--*.sql)

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)
`

function meta(version) {
  const { description, license, keywords } = packageJson()
  return `${JSON.stringify(
    {
      name: 'pg_lsh',
      abstract: COMMENT,
      description,
      version,
      maintainer: 'The authors of pg-lsh',
      license: license.toLowerCase(),
      provides: {
        pg_lsh: { abstract: COMMENT, file: `pg_lsh--${version}.sql`, version },
      },
      prereqs: { runtime: { requires: { PostgreSQL: '15.0.0', vector: '0.8.0' } } },
      tags: keywords,
      'meta-spec': { version: '1.0.0', url: 'https://pgxn.org/spec/' },
    },
    null,
    2,
  )}\n`
}
