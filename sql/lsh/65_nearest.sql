create or replace function lsh.index_of(relation regclass)
  returns text
  language plpgsql stable
  set search_path from current
as $$
declare
  found text := (
    select registered.name
    from lsh.index as registered
      join pg_class on pg_class.oid = registered.relation
    where registered.relation = index_of.relation
    order by registered.name <> pg_class.relname, registered.id
    limit 1);
begin
  if found is null then
    raise exception 'table "%" has no hash index', relation
      using errcode = 'LSH03', hint = format('Create one: "select lsh.create_index(%L, …)".', relation::text);
  end if;
  return found;
end
$$;

comment on function lsh.index_of(regclass) is
  'The hash index of a table: the one of the same name, else the oldest.';

create or replace function lsh._index_of(rows_of anyelement, index text, key_column text)
  returns lsh.index
  language plpgsql stable
  set search_path from current
as $$
declare
  relation regclass := (select nullif(typrelid, 0) from pg_type where pg_type.oid = pg_typeof(rows_of));
  chosen lsh.index;
begin
  if relation is null then
    raise exception 'type "%" is not that of the rows of a table', pg_typeof(rows_of)
      using errcode = 'wrong_object_type', hint = 'Name the table by a null of its type: "null::schema.table".';
  end if;
  chosen := lsh._require_index(coalesce(index, lsh.index_of(relation)));
  if chosen.relation <> relation then
    raise exception 'index "%" is one of table "%", not of "%"', chosen.name, chosen.relation, relation
      using errcode = 'invalid_parameter_value', hint = 'Leave the index out to take that of the table.';
  elsif key_column <> chosen.key_column then
    raise exception 'keys of index "%" are in column "%", not in "%"', chosen.name, chosen.key_column, key_column
      using errcode = 'invalid_parameter_value', hint = 'Keys that are allowed or left out are values of the key column.';
  end if;
  return chosen;
end
$$;

comment on function lsh._index_of(anyelement, text, text) is
  'Registry row of the index of a table that is given by a null of its type; an error where what the caller believes of it is not so.';

create or replace function lsh._vector_of(index lsh.index, key text)
  returns vector
  language plpgsql stable
  set search_path from current
as $$
declare
  found vector;
begin
  execute format('select %I from %s where %I = $1::%s',
    index.vector_column, index.relation, index.key_column, lsh._bare_type(index))
  into found
  using key;
  if found is null then
    raise exception 'row "%" of table "%" does not exist or has no vector', key, index.relation
      using errcode = 'no_data_found', hint = format('Rows are named by their column "%s".', index.key_column);
  end if;
  return found;
end
$$;

comment on function lsh._vector_of(lsh.index, text) is 'Vector of an indexed row; an error where there is none.';

create or replace function lsh._asked(index lsh.index, family lsh.family, query vector, item text)
  returns lsh.query
  language plpgsql stable
  set search_path from current
as $$
begin
  if num_nonnulls(query, item) <> 1 then
    raise exception 'a search has one query: a vector or an item'
      using errcode = 'invalid_parameter_value', hint = 'Give either query or item.';
  end if;
  return lsh._query(family, coalesce(query, lsh._vector_of(index, item)));
end
$$;

comment on function lsh._asked(lsh.index, lsh.family, vector, text) is
  'The query of a search, which comes as a vector or as the key of a row.';

create or replace function lsh.nearest(
  rows_of anyelement,
  query vector default null,
  item text default null,
  k int default 10,
  candidates int default null,
  probes int default null,
  exclude text[] default '{}',
  filter jsonb default null,
  allowed text[] default null,
  stage text default null,
  ranking text default null,
  index text default null,
  key_column text default null
)
  returns table (near anyelement, distance float8, hamming int)
  language plpgsql stable rows 10
  set search_path from current
as $$
#variable_conflict use_column
declare
  chosen lsh.index := lsh._index_of(nearest.rows_of, nearest.index, nearest.key_column);
  family lsh.family := (select family from lsh.family where family.id = chosen.family_id);
  asked lsh.query := lsh._asked(chosen, family, nearest.query, nearest.item);
begin
  perform lsh._assert_plan(nearest.k, nearest.candidates, nearest.probes, nearest.stage, nearest.ranking);
  -- A name that no column has, or the column would be meant.
  return query execute format(
    'select lsh_row, found.distance, found.hamming
     from lsh._search($1, $2, $3, $4) with ordinality as found (key, distance, hamming, place)
       join %s as lsh_row on lsh_row.%I = found.key::%s
     order by found.place',
    chosen.relation, chosen.key_column, lsh._bare_type(chosen))
  using chosen, family, asked,
    lsh._plan(chosen, family, asked,
      (nearest.stage, nearest.ranking, nearest.k, nearest.candidates, null, array_remove(nearest.exclude || nearest.item, null),
        nearest.allowed, nearest.filter),
      nearest.probes);
end
$$;

comment on function lsh.nearest(anyelement, vector, text, int, int, int, text[], jsonb, text[], text, text, text, text) is
  'lsh.search with whole rows: lsh.nearest(null::schema.table, query => …) gives the k nearest rows of the table with their distances. The query is a vector, or the key of a row (item), which is never returned itself. key_column is checked, not chosen.';
