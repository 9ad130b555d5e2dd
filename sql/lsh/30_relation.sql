-- What the extension needs to know of a user's table, read from the catalogue.

create or replace function lsh._key_column(relation regclass)
  returns name
  language plpgsql stable
  set search_path from current
as $$
declare
  key name;
begin
  select attribute.attname into key
  from pg_index
    join pg_attribute as attribute
      on attribute.attrelid = pg_index.indrelid
      and attribute.attnum = pg_index.indkey[0]
  where pg_index.indrelid = relation
    and pg_index.indisprimary
    and pg_index.indnkeyatts = 1;

  if key is null then
    raise exception 'table "%" has no primary key of one column', relation
      using errcode = 'invalid_table_definition',
            hint = format('Add one with "alter table %s add primary key (…)".', relation);
  end if;
  return key;
end
$$;

comment on function lsh._key_column(regclass) is
  'Name of the primary key of a table; an error where there is none or it has several columns.';

create or replace function lsh._assert_vector_column(relation regclass, "column" name)
  returns void
  language plpgsql stable
  set search_path from current
as $$
declare
  type text;
begin
  select pg_type.typname into type
  from pg_attribute
    join pg_type on pg_type.oid = pg_attribute.atttypid
  where pg_attribute.attrelid = relation
    and pg_attribute.attname = "column"
    and pg_attribute.attnum > 0
    and not pg_attribute.attisdropped;

  if type is null then
    raise exception 'table "%" has no column "%"', relation, "column"
      using errcode = 'undefined_column',
            hint = 'Name the column that holds the vectors.';
  elsif type <> 'vector' then
    raise exception 'column "%" of table "%" has type %, not vector', "column", relation, type
      using errcode = 'datatype_mismatch',
            hint = 'Hashing works on columns of type vector; cast the column first.';
  end if;
end
$$;

comment on function lsh._assert_vector_column(regclass, name) is
  'Raises unless the table has such a column of type vector.';

create or replace function lsh._sample(relation regclass, "column" name, count int, seed int)
  returns vector[]
  language plpgsql stable
  set search_path from current
as $$
declare
  key name := lsh._key_column(relation);
  vectors vector[];
begin
  -- By a hash of the key: the same rows on every server, whatever their order on disk.
  execute format(
    'select array_agg(picked.vector order by picked.place, picked.key)
     from (
       select source.%1$I as vector, source.%2$I as key, hashtextextended(source.%2$I::text, $1) as place
       from %3$s as source
       where source.%1$I is not null
       order by 3, 2
       limit $2
     ) as picked',
    "column", key, relation)
  into vectors
  using seed::bigint, count;
  return coalesce(vectors, '{}');
end
$$;

comment on function lsh._sample(regclass, name, int, int) is
  'A seeded random sample of a vector column; empty for an empty table.';
