// The script that makes the extension known to pg_tle, which keeps it in the database instead of in files.
import { adoptScript, installScript, unpackagedScript, updateScript } from './script.mjs'

const QUOTE = '$_pg_lsh_$'

/** One SQL file for psql: run by a member of pgtle_admin in the database that is to have the extension. */
export function tleScript(version, comment, older) {
  const update = (from, script) =>
    `select pgtle.install_update_path('pg_lsh', '${from}', '${version}', ${located(script)});`
  return `-- Makes pg_lsh ${version} known to pg_tle in this database; then: create extension pg_lsh;
-- For a database in which an older version is known already, the calls of install_update_path suffice, behind
-- pgtle.install_extension_version_sql, with pgtle.set_default_version('pg_lsh', '${version}') at the end.
begin;

do $$
begin
  if not exists (select from pg_catalog.pg_extension where extname = 'vector') then
    raise exception 'pgvector is not in this database'
      using errcode = 'undefined_object', hint = 'Run "create extension vector" first: the script names its schema.';
  end if;
end
$$;

select pgtle.install_extension('pg_lsh', '${version}', '${comment}', ${located(installScript())}, array['vector']);

${older.map((release) => update(release.version, updateScript(release))).join('\n\n')}

select pgtle.install_extension_version_sql('pg_lsh', 'unpackaged', ${located(unpackagedScript())});
${update('unpackaged', adoptScript())}

commit;
`
}

/** A text in which the schema of pgvector is put as the file is run: pg_tle knows no @extschema:vector@. */
function located(script) {
  if (script.includes(QUOTE)) throw new Error(`a script has ${QUOTE} in it`)
  return `replace(${QUOTE}
${CHECK}

${script}${QUOTE}, '@vector@', (
  select pg_catalog.quote_ident(nspname)
  from pg_catalog.pg_extension join pg_catalog.pg_namespace on pg_namespace.oid = extnamespace
  where extname = 'vector'))`
}

const CHECK = `do $$
begin
  if to_regtype('@vector@.vector') is null then
    raise exception 'pgvector is in another schema than when pg_lsh was made known to pg_tle'
      using errcode = 'undefined_object', hint = 'Uninstall it, "select pgtle.uninstall_extension(''pg_lsh'')", and run pg_lsh.tle.sql again.';
  end if;
end
$$;`
