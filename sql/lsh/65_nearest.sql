create or replace function lsh.index_of(relation regclass)
  returns text
  language plpgsql stable parallel unsafe
  set search_path = pg_catalog, pg_temp
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
      using errcode = 'LSH03', hint = format('Create one: "select lsh.create_index(%L, ...)".', relation::text);
  end if;
  return found;
end
$$;

comment on function lsh.index_of(regclass) is
  'Hash index of a table: the one with the name of the table, or else the oldest.';

create or replace function lsh_internal.registered_for_rows(rows_of anyelement, index text, key_column text)
  returns lsh.index
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  relation regclass := (select nullif(typrelid, 0) from pg_type where pg_type.oid = pg_typeof(rows_of));
  chosen lsh.index;
begin
  if relation is null then
    raise exception 'type "%" is not the row type of a table', pg_typeof(rows_of)
      using errcode = 'wrong_object_type', hint = 'Name the table by a null of its row type: "null::schema.table".';
  end if;
  chosen := lsh_internal.registered_index(coalesce(index, lsh.index_of(relation)));
  if chosen.relation <> relation then
    raise exception 'index "%" belongs to table "%", not to "%"', chosen.name, chosen.relation, relation
      using errcode = 'invalid_parameter_value', hint = 'Leave the index out to use that of the table.';
  elsif key_column <> chosen.key_column then
    raise exception 'keys of index "%" are in column "%", not in "%"', chosen.name, chosen.key_column, key_column
      using errcode = 'invalid_parameter_value', hint = 'Allowed and excluded keys are values of the key column.';
  end if;
  return chosen;
end
$$;

comment on function lsh_internal.registered_for_rows(anyelement, text, text) is
  'Registry row of the index of a table that is given by a null of its row type, even if the table has changed. Raises an error if index or key column are not those that the caller expects.';

create or replace function lsh_internal.index_of_rows(rows_of anyelement, index text, key_column text)
  returns lsh.index
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return lsh_internal.require_index((lsh_internal.registered_for_rows(rows_of, index, key_column)).name);
end
$$;

comment on function lsh_internal.index_of_rows(anyelement, text, text) is
  'Like lsh_internal.registered_for_rows, but also raises an error if the table has changed so that the index no longer fits.';

create or replace function lsh_internal.vector_of(index lsh.index, key text)
  returns @vector@.vector
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  found @vector@.vector;
begin
  execute format('select %s from %s as source where source.%I = $1::%s',
    lsh_internal.vector_expression(index, 'source'), lsh_internal.own_rows(index.relation), index.key_column, lsh_internal.bare_type(index))
  into found
  using key;
  if found is null then
    raise exception 'row "%" of table "%" does not exist or has no vector', key, index.relation
      using errcode = 'no_data_found', hint = format('The keys are in column "%s".', index.key_column);
  end if;
  return found;
end
$$;

comment on function lsh_internal.vector_of(lsh.index, text) is
  'Vector of an indexed row. Raises an error if there is none.';

create or replace function lsh_internal.asked(index lsh.index, query @vector@.vector, item text)
  returns @vector@.vector
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if num_nonnulls(query, item) <> 1 then
    raise exception 'a search has one query: a vector or an item'
      using errcode = 'invalid_parameter_value', hint = 'Give either query or item.';
  end if;
  return coalesce(query, lsh_internal.vector_of(index, item));
end
$$;

comment on function lsh_internal.asked(lsh.index, @vector@.vector, text) is
  'Query vector of a search, which is given as a vector or as the key of a row.';

-- item has type text: with a polymorphic type of its own (anycompatible), PostgreSQL would resolve some calls only with
-- named arguments.
create or replace function lsh.nearest(
  rows_of anyelement,
  query @vector@.vector default null,
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
  returns table (near anyelement, distance float8, hamming int, estimated boolean)
  language plpgsql stable parallel unsafe rows 10
  set search_path = pg_catalog, pg_temp set extra_float_digits = 3 set datestyle = 'ISO' set intervalstyle = 'postgres'
as $$
#variable_conflict use_column
declare
  chosen lsh.index := lsh_internal.registered_for_rows(nearest.rows_of, nearest.index, nearest.key_column);
  family lsh.family;
  asked @vector@.vector;
  exclude constant text[] := array_remove(nearest.exclude || nearest.item, null);
  keys text[];
  distances float8[];
  hammings int[];
  plan lsh_internal.plan;
begin
  -- The usual search by a vector finds out by itself whether the index fits.
  if nearest.item is not null then
    chosen := lsh_internal.require_index(chosen.name);
  end if;
  asked := lsh_internal.asked(chosen, nearest.query, nearest.item);
  if nearest.filter is null and nearest.allowed is null then
    select quick.keys, quick.distances, quick.hammings
    into keys, distances, hammings
    from lsh_internal.quick_search(chosen.name, asked, nearest.k, nearest.candidates, nearest.probes, exclude,
      nearest.stage, nearest.ranking, chosen.relation) as quick;
  end if;
  if keys is null then
    chosen := lsh_internal.require_index(chosen.name);
    family := lsh_internal.family_of(chosen);
    plan := lsh_internal.plan_search(chosen, family, nearest.k, nearest.candidates, nearest.probes, exclude, nearest.filter,
      nearest.allowed, nearest.stage, nearest.ranking);
    select found.keys, found.distances, found.hammings
    into keys, distances, hammings
    from lsh_internal.find(chosen, family, asked, plan) as found;
  end if;
  -- "lsh_row.*" is the whole row even if the table has a column of that name.
  return query execute format(
    'select row(lsh_row.*)::%1$s, listed.distance, listed.hamming, $4
     from unnest($1::%4$s[], $2, $3) with ordinality as listed (key, distance, hamming, place)
       join %2$s as lsh_row on lsh_row.%3$I = listed.key
     order by listed.place',
    chosen.relation, lsh_internal.own_rows(chosen.relation), chosen.key_column, lsh_internal.bare_type(chosen))
  using keys, distances, hammings, coalesce(plan.estimated, false);
end
$$;

comment on function lsh.nearest(anyelement, @vector@.vector, text, int, int, int, text[], jsonb, text[], text, text, text, text) is
  'Works like lsh.search, but returns whole rows: lsh.nearest(null::schema.table, query => ...) or (..., item => key).';
