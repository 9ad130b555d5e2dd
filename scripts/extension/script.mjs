// The scripts of the extension. @vector@ stands for the schema of pgvector in all of them.
import { lshFiles, lshMigrations, migrationUp, read, rerun, sourceHash } from './sources.mjs'

const TABLES = [
  'lsh.family',
  'lsh.projection',
  'lsh.index',
  'lsh.index_progress',
  'lsh.index_check',
  'lsh.recall_sample',
]
const SEQUENCES = ['lsh.family_id_seq', 'lsh.index_id_seq']

/** The script that creates the extension from nothing. */
export function installScript() {
  return joined([
    START,
    REFUSE_OTHERS,
    ...lshMigrations().map(migrationUp),
    ...lshFiles().map(read),
    stateVersion,
    CONFIGURATION,
  ])
}

/** The script that brings a release to this version. */
export function updateScript({ migrations }) {
  return joined([
    START,
    ...lshMigrations()
      .filter((name) => !migrations.includes(name))
      .map(migrationUp),
    ...rerun(),
    stateVersion,
    CONFIGURATION,
  ])
}

/** Creates the extension with nothing in it, where "pg-lsh migrate" has made all that it will have. */
export const unpackagedScript = () => joined([ONLY_MIGRATED])

/** Makes what "pg-lsh migrate" has made members of the extension. */
export const adoptScript = () => joined([START, adopt, stateVersion, CONFIGURATION])

const joined = (parts) =>
  parts.map((part) => (typeof part === 'function' ? part() : part).trim()).join('\n\n') + '\n'

const START = `-- Names are looked up in PostgreSQL's own schema, as in every function.
set local search_path = pg_catalog, pg_temp;`

const REFUSE_OTHERS = `do $$
begin
  if to_regclass('lsh.family') is not null then
    raise exception 'pg-lsh is in this database already: "pg-lsh migrate" has installed it'
      using errcode = 'duplicate_object',
            hint = 'Go on with "pg-lsh migrate", or let the extension take over what is there: "create extension pg_lsh version ''unpackaged''", then "alter extension pg_lsh update".';
  elsif exists (select from pg_namespace where nspname in ('lsh', 'lsh_internal', 'lsh_index')) then
    raise exception 'a schema lsh, lsh_internal or lsh_index is in this database already'
      using errcode = 'duplicate_schema', hint = 'The extension makes these schemas itself: rename or drop those that are there.';
  end if;
end
$$;`

/** The comment by which clients know which functions a database has. */
const stateVersion = () => `do $$
begin
  execute format('comment on schema lsh is %L', 'Locality-sensitive hashing over pgvector columns; sql '
    || left(encode(sha256(convert_to('${sourceHash('lsh')}:' || '@vector@', 'UTF8')), 'hex'), 16));
end
$$;`

const CONFIGURATION = `-- Families, indexes and their numbers are dumped, as rows of a user are; code tables are tables of the user.
${[...TABLES, ...SEQUENCES].map((name) => `select pg_extension_config_dump('${name}', '');`).join('\n')}`

const ONLY_MIGRATED = `do $$
begin
  if to_regclass('lsh.family') is null then
    raise exception 'pg-lsh is not in this database'
      using errcode = 'undefined_object', hint = 'Version "unpackaged" takes over what "pg-lsh migrate" has installed. Else: "create extension pg_lsh".';
  end if;
end
$$;`

const adopt = () => `do $$
declare
  standing constant text := substring(obj_description('lsh'::regnamespace, 'pg_namespace') from 'sql ([0-9a-f]+)$');
  accounts constant regclass := (
    select pg_class.oid
    from pg_class
      join pg_namespace on pg_namespace.oid = relnamespace
    where relname = 'pg_lsh_migration' and relkind = 'r'
      and relowner = (select nspowner from pg_namespace where nspname = 'lsh')
    order by nspname <> 'public'
    limit 1);
  member text;
  grantee text;
begin
  if standing is distinct from left(encode(sha256(convert_to('${sourceHash('all')}:' || '@vector@', 'UTF8')), 'hex'), 16) then
    raise exception 'the functions in this database are not those of this version'
      using errcode = 'object_not_in_prerequisite_state',
            hint = 'Install the pg-lsh of the same version by npm, and run "pg-lsh migrate" first.';
  elsif to_regnamespace('cbir') is not null then
    raise exception 'the schema cbir is in this database, which the extension does not keep'
      using errcode = 'dependent_objects_still_exist',
            hint = 'Where plans and images are in it, stay with "pg-lsh migrate". Else: "drop schema cbir cascade; drop schema space cascade".';
  end if;
  -- What stands when an object joins counts as given by the extension, and would not be dumped.
  for grantee in
    select distinct quote_ident(pg_get_userbyid(privilege.grantee))
    from pg_class
      cross join lateral aclexplode(pg_class.relacl) as privilege
    where relnamespace = 'lsh'::regnamespace and privilege.grantee not in (0, relowner)
  loop
    execute format('revoke all on all tables in schema lsh from %s cascade', grantee);
    execute format('revoke all on schema lsh, lsh_internal, lsh_index from %s cascade', grantee);
    raise warning 'role % has lost its rights to make families and indexes', grantee
      using hint = format('Give them again: "select lsh.grant_create(%L)".', grantee);
  end loop;
  for member in
    select format('schema %I', nspname) from pg_namespace where nspname in ('lsh', 'lsh_internal', 'lsh_index')
    union all
    select format('%s %s', case relkind when 'r' then 'table' when 'v' then 'view' when 'S' then 'sequence' else 'type' end, pg_class.oid::regclass)
    from pg_class
    where relnamespace in ('lsh'::regnamespace, 'lsh_internal'::regnamespace) and relkind in ('r', 'v', 'S', 'c')
    union all
    select format('routine %s', pg_proc.oid::regprocedure)
    from pg_proc
    where pronamespace in ('lsh'::regnamespace, 'lsh_internal'::regnamespace)
      -- What keeps the statements of an index is made and dropped with it.
      and proname !~ '^(find|candidates|write) [0-9]+ '
    union all
    select format('event trigger %I', evtname) from pg_event_trigger where evtname in (
      'lsh_follow_drop', 'lsh_follow_rewrite', 'lsh_follow_alter', 'lsh_follow_extension')
  loop
    execute format('alter extension pg_lsh add %s', member);
  end loop;
  execute format('drop table if exists %s', accounts);
end
$$;`
