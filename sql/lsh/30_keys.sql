-- Columns that identify the rows of a table.

create or replace function lsh_internal.is_key_type(type oid)
  returns boolean
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select exists (
      select
      from pg_type
        join pg_opclass on pg_opclass.opcintype in (pg_type.oid, case pg_type.typname when 'varchar' then 'text'::regtype end)
        join pg_am on pg_am.oid = pg_opclass.opcmethod
      where pg_type.oid = lsh_internal.base_type(type)
        and pg_type.typnamespace = 'pg_catalog'::regnamespace
        and pg_type.typtype = 'b'
        and pg_type.typcategory <> 'A'
        and pg_opclass.opcdefault
        and pg_opclass.opcnamespace = 'pg_catalog'::regnamespace
        and pg_am.amname = 'btree'));
end
$$;

comment on function lsh_internal.is_key_type(oid) is
  'Whether keys may have that type: a built-in type with an order, or a domain over one. Comparing and printing such keys runs built-in functions only.';

create or replace function lsh_internal.is_unique_key(index oid)
  returns boolean
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select exists (
      select
      from pg_index
        join pg_attribute as key on key.attrelid = pg_index.indrelid and key.attnum = pg_index.indkey[0]
      where pg_index.indexrelid = index
        and pg_index.indisunique
        and pg_index.indimmediate
        and pg_index.indisvalid
        and pg_index.indnkeyatts = 1
        and pg_index.indpred is null
        -- By the equality of the column itself: with another operator class or collation, the index might accept two
        -- keys that the column considers equal.
        and pg_index.indcollation[0] = key.attcollation
        and exists (
          select from pg_opclass where pg_opclass.oid = pg_index.indclass[0] and opcnamespace = 'pg_catalog'::regnamespace)
        and key.attnotnull));
end
$$;

comment on function lsh_internal.is_unique_key(oid) is
  'Whether an index ensures that a single column identifies each row at the end of every statement.';

create or replace function lsh_internal.key_index(relation regclass, key_number smallint)
  returns oid
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select pg_index.indexrelid
    from pg_index
    where pg_index.indrelid = relation
      and pg_index.indkey[0] = key_number
      and lsh_internal.is_unique_key(pg_index.indexrelid)
    order by pg_index.indisprimary desc, pg_index.indexrelid
    limit 1);
end
$$;

comment on function lsh_internal.key_index(regclass, smallint) is
  'Unique index by which a column identifies the rows of a table; null if there is none.';

create or replace function lsh_internal.key_columns(relation regclass)
  returns name[]
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select key.attname
    from pg_index
      join pg_attribute as key on key.attrelid = pg_index.indrelid and key.attnum = pg_index.indkey[0]
    where pg_index.indrelid = relation
      and lsh_internal.is_unique_key(pg_index.indexrelid)
      and lsh_internal.is_key_type(key.atttypid)
    group by key.attname, key.attnum
    order by bool_or(pg_index.indisprimary) desc, key.attnum);
end
$$;

comment on function lsh_internal.key_columns(regclass) is
  'Columns that can identify the rows of a table: its primary key first, then others that are unique and not null.';

create or replace function lsh_internal.key_column(relation regclass, wanted name default null)
  returns name
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  keys constant name[] := lsh_internal.key_columns(relation);
begin
  perform lsh_internal.assert_source(relation);
  if wanted = any (keys) then
    return wanted;
  elsif wanted is not null and not exists (
    select from pg_attribute where attrelid = relation and attname = wanted and attnum > 0 and not attisdropped)
  then
    raise exception 'table "%" has no column "%"', lsh_internal.table_name(relation), wanted
      using errcode = 'undefined_column', hint = 'Name a column that is unique and not null, or leave key_column out for the primary key.';
  elsif wanted is not null or cardinality(keys) = 0 then
    perform lsh_internal.no_key(relation, wanted);
  elsif cardinality(keys) > 1 and not exists (
    select from pg_index join pg_attribute on attrelid = indrelid and attnum = indkey[0]
    where indrelid = relation and indisprimary and indnkeyatts = 1 and attname = keys[1])
  then
    raise exception 'several columns of table "%" may be its key: %', lsh_internal.table_name(relation), array_to_string(keys, ', ')
      using errcode = 'ambiguous_column',
            hint = format('Choose one: "select lsh.create_index(%L, ..., key_column => %L)", or --key-column of "pg-lsh load vectors".',
              lsh_internal.table_name(relation), keys[1]);
  end if;
  return keys[1];
end
$$;

comment on function lsh_internal.key_column(regclass, name) is
  'Key column of a table: the requested column, else the primary key, else the only column that is unique and not null. Raises an error if there is none, or no single one.';

create or replace function lsh_internal.sampling_key(relation regclass)
  returns name
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- If several columns qualify, any of them will do.
  return coalesce((lsh_internal.key_columns(relation))[1], lsh_internal.key_column(relation));
end
$$;

comment on function lsh_internal.sampling_key(regclass) is
  'Column by which samples of a table are drawn and ordered. Raises an error if no column identifies the rows.';
