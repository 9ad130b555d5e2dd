-- The triggers of an index run with the rights of the owner of its table, as PostgreSQL's own checks of foreign keys
-- do. So writers need no right to read rows or to write codes, policies hide no row, and code that the owner has
-- attached to the table or the codes runs with the owner's own rights. Each index has its own trigger function, because
-- a function runs with the rights of its own owner.

create or replace function lsh_internal.kept_index(index_id int, relation regclass)
  returns lsh.index
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  index lsh.index;
begin
  select * into index
  from lsh.index as registered
  where registered.id = index_id and registered.relation = kept_index.relation;
  if index.id is null then
    if current_setting('session_replication_role') = 'replica' then
      -- A dump is being restored, which restores the registry and the codes later.
      return null;
    elsif current_setting('transaction_isolation') <> 'read committed' then
      raise exception 'an index of table "%" was created or replaced after this transaction began', relation
        using errcode = 'serialization_failure', hint = 'Run the transaction again.';
    end if;
    raise exception 'table "%" has triggers of an index that is not registered', relation
      using errcode = 'LSH01',
            hint = format('If you restore only data, use "pg_restore --data-only --disable-triggers", which also restores the codes. Otherwise the index was removed by hand: drop the triggers "lsh_%s_..." of the table.', index_id);
  end if;
  perform lsh_internal.assert_fit(index);
  if lsh_internal.owner_of(relation) <> current_user then
    raise exception 'table "%" belongs to role %, but index "%" is maintained with the rights of role %',
      relation, lsh_internal.owner_of(relation), index.name, current_user
      using errcode = 'object_not_in_prerequisite_state',
            hint = format('Run "select lsh.mend_index(%L)" as a superuser, or as a member of both roles.', index.name);
  elsif row_security_active(relation) then
    raise exception 'policies of table "%" hide rows from its owner, and therefore from index "%"', relation, index.name
      using errcode = 'object_not_in_prerequisite_state',
            hint = format('Run "alter table %s no force row level security", or drop the index: "select lsh.drop_index(%L)".', relation, index.name);
  end if;
  return index;
end
$$;

comment on function lsh_internal.kept_index(int, regclass) is
  'Registry row of the index that a trigger maintains; null while a dump is restored whose registry is still missing.';

create or replace function lsh_internal.touched(index lsh.index, operation text, level text)
  returns text
  language sql stable
begin atomic
  -- After an update, rows whose key and vector are unchanged keep their code. $1 and $2 are the old and the new row.
  select
    case level || ' ' || operation
      when 'STATEMENT INSERT' then format('select array_agg(new_rows.%1$I::text) from new_rows', (touched.index).key_column)
      when 'STATEMENT DELETE' then format('select array_agg(old_rows.%1$I::text) from old_rows', (touched.index).key_column)
      when 'STATEMENT UPDATE' then format(
        'select array_agg(changed.key)
         from (
           select new_rows.%1$I::text as key
           from new_rows
           where not exists (
             select from old_rows
             where old_rows.%1$I = new_rows.%1$I and old_rows.%1$I::text = new_rows.%1$I::text
               and @vector@.vector_eq(%2$s, %3$s))
           union all
           select old_rows.%1$I::text
           from old_rows
           where not exists (
             select from new_rows
             where new_rows.%1$I = old_rows.%1$I and new_rows.%1$I::text = old_rows.%1$I::text
               and @vector@.vector_eq(%3$s, %2$s))
         ) as changed',
        (touched.index).key_column, lsh_internal.vector_expression(touched.index, 'old_rows'),
        lsh_internal.vector_expression(touched.index, 'new_rows'))
      when 'ROW INSERT' then format('select array[($2).%1$I::text]', (touched.index).key_column)
      when 'ROW DELETE' then format('select array[($1).%1$I::text]', (touched.index).key_column)
      when 'ROW UPDATE' then format('select array[($1).%1$I::text, ($2).%1$I::text]', (touched.index).key_column)
    end;
end;

comment on function lsh_internal.touched(lsh.index, text, text) is
  'Query for the keys whose codes a statement, or a change of one row, may have changed. It is text because only statements of the trigger function itself see the transition tables.';

create or replace function lsh_internal.has_twins(index lsh.index, keys text[])
  returns boolean
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  found boolean;
begin
  -- The snapshot still shows a row that another transaction has deleted, beside a new row with the same key.
  execute format(
    'select exists (
       select from %s as lsh_source where lsh_source.%I = any ($1::%s[]) group by lsh_source.%I having count(*) > 1
     )',
    lsh_internal.own_rows(index.relation), index.key_column, lsh_internal.bare_type(index), index.key_column)
  into found
  using keys;
  return found;
end
$$;

comment on function lsh_internal.has_twins(lsh.index, text[]) is
  'Whether a snapshot that is older than the transaction''s own writes shows two rows with the same key.';

create or replace function lsh_internal.keep(index lsh.index, operation text, touched text[])
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  token uuid;
  kept text;
begin
  if operation = 'TRUNCATE' then
    execute format('truncate %s', index.codes);
    return;
  elsif touched is null then
    return;
  end if;
  if current_setting('transaction_isolation') <> 'read committed' and lsh_internal.has_twins(index, touched) then
    raise exception 'rows of table "%" were changed by other transactions since this transaction began', index.relation
      using errcode = 'serialization_failure', hint = 'Run the transaction again.';
  end if;
  -- Codes are computed from the table as it is now, not from the transition tables: another trigger, or a statement
  -- inside this one, may have changed the row again.
  -- New rows have no code, or one that the insert replaces.
  if operation <> 'INSERT' then
    if current_setting('transaction_isolation') <> 'read committed' then
      -- A delete does not see a code that was committed after the snapshot was taken, such as by lsh.build_index. This
      -- insert conflicts with it: PostgreSQL then raises a serialization failure.
      execute format('insert into %s (bucket, key, code) select 0, key, repeat(''0'', %s)::bit(%2$s) from unnest($1::%s[]) as key
        on conflict (key) do nothing', index.codes,
        (select atttypmod from pg_attribute where attrelid = index.codes and attname = 'code'), lsh_internal.bare_type(index))
      using array(select distinct element from unnest(touched) as element where element is not null);
    end if;
    execute format('delete from %s as lsh_code where lsh_code.key = any ($1::%s[])', index.codes, lsh_internal.bare_type(index))
    using touched;
  end if;
  select family.token into token from lsh.family where family.id = index.family_id;
  kept := lsh_internal.finder(index, 'write');
  execute case
    when kept is null then lsh_internal.encoding_keys(index)
    else format('select from %s($1, $2, %s, %s)', kept, index.relation::oid, index.codes::oid)
  end
  using token, touched;
end
$$;

comment on function lsh_internal.keep(lsh.index, text, text[]) is
  'Updates the codes of some rows to match their table.';

create or replace function lsh_internal.keeping()
  returns text
  language sql immutable parallel safe
  return '
declare
  kept lsh.index := lsh_internal.kept_index(tg_argv[0]::int, tg_relid);
  touched text[];
begin
  if kept.id is not null then
    if tg_op <> ''TRUNCATE'' then
      execute lsh_internal.touched(kept, tg_op, tg_level) into touched using old, new;
    end if;
    perform lsh_internal.keep(kept, tg_op, touched);
  end if;
  return null;
end'::text;

comment on function lsh_internal.keeping() is
  'Body of the trigger function of an index. It only calls other functions, because upgrades do not replace it.';
