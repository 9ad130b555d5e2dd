-- Facts about a user's table that are read from the catalogue.

create or replace function lsh_internal.table_name(relation regclass)
  returns text
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select format('%I.%I', pg_namespace.nspname, pg_class.relname)
    from pg_class
      join pg_namespace on pg_namespace.oid = pg_class.relnamespace
    where pg_class.oid = relation);
end
$$;

comment on function lsh_internal.table_name(regclass) is
  'Name of a table with its schema, whatever the search path is; null for a table that was dropped.';

create or replace function lsh_internal.base_type(type oid)
  returns oid
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    with recursive step as (
      select pg_type.oid, pg_type.typtype, pg_type.typbasetype from pg_type where pg_type.oid = type
      union all
      select pg_type.oid, pg_type.typtype, pg_type.typbasetype
      from step
        join pg_type on pg_type.oid = step.typbasetype
      where step.typtype = 'd'
    )
    select step.oid from step where step.typtype <> 'd');
end
$$;

comment on function lsh_internal.base_type(oid) is 'Base type of a domain; any other type itself.';

create or replace function lsh_internal.assert_vector_column(relation regclass, "column" name)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  type oid;
  dims int;
begin
  perform lsh_internal.assert_source(relation);
  select pg_attribute.atttypid, pg_attribute.atttypmod into type, dims
  from pg_attribute
  where pg_attribute.attrelid = relation
    and pg_attribute.attname = "column"
    and pg_attribute.attnum > 0
    and not pg_attribute.attisdropped;

  if type is null then
    raise exception 'table "%" has no column "%"', lsh_internal.table_name(relation), "column"
      using errcode = 'undefined_column',
            hint = 'Name the column that holds the vectors.';
  elsif type not in ('@vector@.vector'::regtype, '@vector@.halfvec'::regtype) then
    raise exception 'column "%" of table "%" has type %, not vector or halfvec', "column", lsh_internal.table_name(relation),
        format_type(type, -1)
      using errcode = 'datatype_mismatch',
            hint = 'Hashing works on columns of type vector and halfvec; cast the column first.';
  elsif dims < 0 then
    raise exception 'column "%" of table "%" has no dimension', "column", lsh_internal.table_name(relation)
      using errcode = 'LSH02',
            hint = format('Declare one: "alter table %s alter column %I type %s(3)", with the number of its elements in place of 3.',
              lsh_internal.table_name(relation), "column", (select typname from pg_type where oid = type));
  end if;
end
$$;

comment on function lsh_internal.assert_vector_column(regclass, name) is
  'Raises unless the table has such a column of type vector or halfvec, with a dimension.';

create or replace function lsh_internal.sample(relation regclass, "column" name, count int, seed int)
  returns @vector@.vector[]
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  key name := lsh_internal.sampling_key(relation);
  vectors @vector@.vector[];
begin
  -- Orders rows by a hash of the key: this selects the same rows on every server, whatever their order on disk.
  execute format(
    'select array_agg(picked.vector order by picked.place, picked.key)
     from (
       select %4$s as vector, lsh_source.%2$I as key, hashtextextended(lsh_source.%2$I::text, $1) as place
       from %3$s as lsh_source
       where lsh_source.%1$I is not null
       order by 3, 2
       limit $2
     ) as picked',
    "column", key, lsh_internal.table_name(relation), lsh_internal.as_vector("column", 'lsh_source'))
  into vectors
  using seed::bigint, count;
  return coalesce(vectors, '{}');
end
$$;

comment on function lsh_internal.sample(regclass, name, int, int) is
  'A seeded random sample of a vector column; empty for an empty table.';
