create or replace function lsh_internal.key_type(relation regclass, key name)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- Without its length, which may grow, but with its collation, or ties would be broken in another order than in the table.
  return (
    select concat_ws(' ', format_type(lsh_internal.base_type(atttypid), -1),
      (select format('collate %I.%I', pg_namespace.nspname, pg_collation.collname)
       from pg_collation join pg_namespace on pg_namespace.oid = pg_collation.collnamespace
       where pg_collation.oid = pg_attribute.attcollation))
    from pg_attribute
    where attrelid = relation
      and attname = key);
end
$$;

comment on function lsh_internal.key_type(regclass, name) is 'Type of a key as a code table declares it.';

create or replace function lsh_internal.own_rows(relation regclass)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- The rows of a partitioned table are in its partitions; those of tables that inherit from an ordinary one are not its own.
  -- The name is that of today, as the statement finds it, and not that of an older snapshot, which may be a view by now.
  return (
    select format(case pg_class.relkind when 'r' then 'only %s' else '%s' end, own_rows.relation)
    from pg_class
    where pg_class.oid = own_rows.relation);
end
$$;

comment on function lsh_internal.own_rows(regclass) is 'A table as it stands in "from": without tables that inherit from it.';

create or replace function lsh_internal.add_key(codes regclass)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- Names with a space, which no index has, and with the number of their table: they collide with none.
  execute format('alter table %s add constraint %I primary key (key)', codes, 'key ' || codes::oid);
end
$$;

comment on function lsh_internal.add_key(regclass) is 'Gives a code table its key.';

create or replace function lsh_internal.add_bucket_index(codes regclass)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  execute format('create index %I on %s (bucket)', 'bucket ' || codes::oid, codes);
end
$$;

comment on function lsh_internal.add_bucket_index(regclass) is 'Gives a code table the index over its buckets, once its rows are in.';

create or replace function lsh_internal.create_codes(
  relation regclass, key name, table_name name, bits int, tablespace name default null
)
  returns regclass
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  created regclass;
begin
  execute format(
    'create %s table lsh_index.%I (bucket int not null, key %s not null, code bit(%s) not null, norm real, scale real) %s',
    case (select relpersistence from pg_class where oid = relation) when 'u' then 'unlogged' end,
    table_name, lsh_internal.key_type(relation, key), bits, 'tablespace ' || quote_ident(tablespace));
  created := format('lsh_index.%I', table_name)::regclass;
  perform lsh_internal.add_key(created);
  return created;
end
$$;

comment on function lsh_internal.create_codes(regclass, name, name, int, name) is
  'Creates an empty code table for a table; add_bucket_index and what guards it come later.';

create or replace function lsh_internal.encoding(index lsh.index, codes regclass, family_id int, rows text)
  returns text
  language sql stable
begin atomic
  -- In the order of buckets, so that those of one bucket share pages. Somebody who fills the index meanwhile
  -- may have added the row as it was before.
  select format(
    'insert into %1$s as lsh_code (bucket, key, code, norm, scale)
     select hashed.bucket, lsh_source.%2$I, hashed.code, hashed.norm, hashed.scale
     from %4$s as lsh_source
       cross join lateral lsh_internal.hashed(%5$s, $1, %7$s) as hashed
     where lsh_source.%3$I is not null
       and %6$s
     order by hashed.bucket
     on conflict (key) do update
     set bucket = excluded.bucket, code = excluded.code, norm = excluded.norm, scale = excluded.scale',
    codes, (encoding.index).key_column, (encoding.index).vector_column,
    lsh_internal.own_rows((encoding.index).relation), family_id, rows,
    lsh_internal.vector_expression(encoding.index, 'lsh_source'));
end;

comment on function lsh_internal.encoding(lsh.index, regclass, int, text) is
  'Statement that writes the codes of those rows of an indexed table that fulfil a condition on "lsh_source"; $1 is the token of the family.';

create or replace function lsh_internal.sight(index lsh.index)
  returns text
  language sql stable
begin atomic
  select format('begin return exists (select from %s as lsh_source where lsh_source.%I operator(pg_catalog.=) $1); end',
    lsh_internal.own_rows((sight.index).relation), (sight.index).key_column);
end;

comment on function lsh_internal.sight(lsh.index) is
  'Body of the function that asks the table of an index whether the caller may see a row.';

create or replace function lsh_internal.seer(index lsh.index)
  returns regprocedure
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select to_regprocedure(format('lsh_index.%I(%s)', index.name, format_type(atttypid, -1)))
    from pg_attribute where attrelid = index.codes and attname = 'key');
end
$$;

comment on function lsh_internal.seer(lsh.index) is
  'The function that asks the table of an index whether the caller may see a row; null where there is none.';

create or replace function lsh_internal.is_guarded(index lsh.index)
  returns boolean
  language plpgsql stable
  -- The text of the function that was made has no quotes without need.
  set search_path = pg_catalog, pg_temp set quote_all_identifiers = off
as $$
begin
  return index.security = 'open'
    -- Workers do not know who may see what: of a distributed table nobody may hide rows.
    or lsh_internal.is_distributed(index) and not (select relrowsecurity from pg_class where oid = index.relation)
    or exists (
    select
    from pg_proc
    where not lsh_internal.is_distributed(index)
      and oid = lsh_internal.seer(index)
      and prosrc = lsh_internal.sight(index)
      and proowner = (select relowner from pg_class where oid = index.relation));
end
$$;

comment on function lsh_internal.is_guarded(lsh.index) is
  'Whether the function that guards the codes of an index is as it is made for its table as it is today.';

create or replace function lsh_internal.unguard_codes(codes regclass)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (select from pg_policy where polrelid = codes and polname = 'lsh_search') then
    execute format('drop policy lsh_search on %s', codes);
  end if;
end
$$;

comment on function lsh_internal.unguard_codes(regclass) is
  'Drops the policy of a code table, so that its functions can be recreated. Until then only the owner sees codes.';

create or replace function lsh_internal.guard_codes(index lsh.index)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp set quote_all_identifiers = off
as $$
declare
  type constant text := lsh_internal.bare_type(index);
begin
  perform lsh_internal.unguard_codes(index.codes);
  if index.security <> 'open' and lsh_internal.is_distributed(index)
    and (select relrowsecurity from pg_class where oid = index.relation)
  then
    raise exception 'policies of distributed table "%" would not hide the codes of index "%"', index.relation, index.name
      using errcode = 'feature_not_supported',
            hint = format('Bring it back to one machine first: "select lsh.undistribute(%L)".', index.name);
  elsif index.security = 'open' or lsh_internal.is_distributed(index) then
    execute format('alter table %s disable row level security', index.codes);
    return;
  end if;
  -- The name of the table is written out, so that its policies are asked for one row in microseconds: a function that
  -- looked the name up would be planned for each row. lsh.mend_index writes it anew.
  execute format(
    'create or replace function lsh_index.%1$I(%2$s)
       returns boolean
       language plpgsql stable cost 10
     as %3$L',
    index.name, type, lsh_internal.sight(index));
  execute format('comment on function lsh_index.%I(%s) is %L', index.name, type,
    'Whether the caller may see a row; asked where policies of the table hide some from her.');
  execute format(
    'create policy lsh_search on %s for select
       using ((select not lsh_internal.hides(%s)) or lsh_index.%I(key))',
    index.codes, index.id, index.name);
  execute format('alter table %s enable row level security', index.codes);
end
$$;

comment on function lsh_internal.guard_codes(lsh.index) is
  'Shows each role only the codes of rows that it may see. The codes of an open index are visible to every role that may read it.';

create or replace function lsh_internal.hides(index_id int)
  returns boolean
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  index lsh.index;
begin
  select * into index from lsh.index as registered where registered.id = index_id;
  if index.id is null then
    return true;
  elsif not row_security_active(index.relation) then
    return false;
  elsif not lsh_internal.is_guarded(index) then
    raise exception 'table "%" or its key was renamed, and index "%" still uses the old name for its policies', index.relation, index.name
      using errcode = 'object_not_in_prerequisite_state',
            hint = format('Run "select lsh.mend_index(%L)" as role %I or as a superuser.', index.name, lsh_internal.owner_of(index.relation));
  end if;
  return true;
end
$$;

comment on function lsh_internal.hides(int) is
  'Whether policies of the table of an index may hide rows from the caller; asked once a statement.';
