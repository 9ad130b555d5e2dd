create or replace function lsh._assert_fits(relation regclass, "column" name, family lsh.family)
  returns void
  language plpgsql stable
  set search_path from current
as $$
declare
  -- pgvector keeps the dimension itself in the type modifier, -1 where a column takes any.
  vector_dims int := (select atttypmod from pg_attribute where attrelid = relation and attname = "column");
begin
  perform lsh._assert_vector_column(relation, "column");
  if vector_dims not in (-1, family.dims) then
    raise exception 'column "%" has % dimensions, family "%" has %', "column", vector_dims, family.name, family.dims
      using errcode = 'LSH02',
            hint = 'Create a family for this column: "select lsh.create_family(…)"; an index that was made for other vectors is dropped by "select lsh.drop_index(…)".';
  end if;
end
$$;

comment on function lsh._assert_fits(regclass, name, lsh.family) is
  'Raises unless the column holds vectors that the family can hash.';

create or replace function lsh._assert_columns(index lsh.index)
  returns void
  language plpgsql stable
  set search_path from current
as $$
declare
  missing name;
begin
  -- One look that says yes, since every statement that writes rows comes by here; what is wrong is found out below.
  if exists (
    select
    from lsh.family
      join pg_attribute as key on key.attrelid = index.relation and key.attname = index.key_column
      join pg_attribute as vector on vector.attrelid = index.relation and vector.attname = index.vector_column
    where family.id = index.family_id
      and vector.atttypid = pg_typeof(family.center)
      and vector.atttypmod in (-1, family.dims))
  then
    return;
  end if;
  select named.column into missing
  from unnest(array[index.key_column, index.vector_column]) as named ("column")
  where not exists (
    select from pg_attribute
    where attrelid = index.relation and attname = named.column and attnum > 0 and not attisdropped)
  limit 1;
  if missing is not null then
    raise exception 'table "%" of index "%" has no column "%" any more', index.relation, index.name, missing
      using errcode = 'undefined_column',
            hint = format('Where it was renamed, tell the index: "update lsh.index set %I = … where name = %L"; else drop it: "select lsh.drop_index(%L)".',
              case when missing = index.key_column then 'key_column' else 'vector_column' end, index.name, index.name);
  end if;
  perform lsh._assert_fits(index.relation, index.vector_column,
    (select family from lsh.family where family.id = index.family_id));
end
$$;

comment on function lsh._assert_columns(lsh.index) is
  'Raises unless the table of an index still has the columns that the index stands for, of the type that it had.';

create or replace function lsh._require_index(index text)
  returns lsh.index
  language plpgsql stable
  set search_path from current
as $$
declare
  found lsh.index;
begin
  select * into found from lsh.index as registered where registered.name = _require_index.index;
  if found.id is null then
    raise exception 'index "%" does not exist', index
      using errcode = 'LSH01', hint = 'List the indexes with "select name, relation from lsh.index".';
  elsif not exists (select from pg_class where pg_class.oid = found.relation) then
    raise exception 'the table of index "%" was dropped', index
      using errcode = 'undefined_table', hint = format('Clean up with "select lsh.drop_index(%L)".', index);
  end if;
  perform lsh._assert_columns(found);
  return found;
end
$$;

comment on function lsh._require_index(text) is
  'Registry row of an index; an error where there is none, or its table or a column is gone.';

create or replace function lsh.drop_index(name text)
  returns void
  language plpgsql
  set search_path from current
as $$
declare
  dropped lsh.index;
  event text;
begin
  delete from lsh.index as registered where registered.name = drop_index.name returning * into dropped;
  if dropped.id is null then
    raise exception 'index "%" does not exist', name
      using errcode = 'LSH01', hint = 'List the indexes with "select name, relation from lsh.index".';
  end if;
  if exists (select from pg_class where pg_class.oid = dropped.relation) then
    foreach event in array array['insert', 'update', 'delete', 'truncate'] loop
      execute format('drop trigger if exists %I on %s', 'lsh_' || dropped.id || '_' || event, dropped.relation);
    end loop;
  end if;
  execute format('drop table if exists lsh_index.%I', dropped.name);
end
$$;

comment on function lsh.drop_index(text) is 'Removes an index, its code table and its triggers.';

create or replace function lsh._bare_type(index lsh.index)
  returns text
  language sql stable
begin atomic
  select format_type(atttypid, -1)
  from pg_attribute
  where attrelid = (_bare_type.index).relation
    and attname = (_bare_type.index).key_column;
end;

comment on function lsh._bare_type(lsh.index) is
  'Type of the keys of an index without its length, to which a key would be cut.';

create or replace function lsh._code_table(index lsh.index)
  returns regclass
  language sql stable
  return format('lsh_index.%I', (index).name)::regclass;

comment on function lsh._code_table(lsh.index) is 'The code table of an index.';

create or replace function lsh._bucket_index(index lsh.index)
  returns name
  language sql stable
begin atomic
  select pg_class.relname
  from pg_index
    join pg_class on pg_class.oid = pg_index.indexrelid
    join pg_attribute on pg_attribute.attrelid = pg_index.indrelid and pg_attribute.attnum = pg_index.indkey[0]
  where pg_index.indrelid = lsh._code_table(index)
    and pg_attribute.attname = 'bucket'
  limit 1;
end;

comment on function lsh._bucket_index(lsh.index) is 'Name of the index over the buckets of a code table.';
