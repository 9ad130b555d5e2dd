-- Parameters of statements are those of 62_candidates.sql.

create or replace function lsh_internal.search_exact(index lsh.index, query @vector@.vector, plan lsh_internal.plan)
  returns table (key text, distance float8)
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query execute format(
    'select code.key::text, @vector@.l2_distance(%6$s, $11) as distance
     from %2$s as source
       cross join lateral (values (source.%3$I)) as code (key)
     where source.%1$I is not null
       and %4$s
     order by distance, code.key
     limit %5$s',
    index.vector_column, lsh_internal.own_rows(index.relation), index.key_column,
    lsh_internal.condition(index, plan, 'source'), plan.k, lsh_internal.vector_expression(index, 'source'))
  using null, null, plan.exclude, plan.allowed, null, null, null, null, null, null, query;
end
$$;

comment on function lsh_internal.search_exact(lsh.index, @vector@.vector, lsh_internal.plan) is
  'The true nearest of the rows that may be returned, by a scan of the table.';

create or replace function lsh_internal.with_hamming(
  index lsh.index, family lsh.family, query lsh_internal.query, plan lsh_internal.plan
)
  returns table (key text, distance float8, hamming int)
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query execute format(
    'with nearest as materialized (
       select exact.key, exact.distance, exact.place, code.code, code.bucket
       from lsh_internal.search_exact($2, $3, $4) with ordinality as exact (key, distance, place)
         left join %s as code on code.key = exact.key::%s
     )
     select nearest.key, nearest.distance, lsh.hamming(nearest.code, coalesce(member.code, $1))
     from nearest
       left join lsh_internal.members(%s, $5, case when $6 is null then ''{}'' else array(select bucket from nearest) end, $7, $6)
         as member on member.bucket = nearest.bucket
     order by nearest.place',
    lsh_internal.codes_of(index), lsh_internal.bare_type(index), family.id)
  using query.code, index, query.vector, plan, family.token, query.products, query.centered;
end
$$;

comment on function lsh_internal.with_hamming(lsh.index, lsh.family, lsh_internal.query, lsh_internal.plan) is
  'The true nearest rows; hamming is null for a row without a code.';

create or replace function lsh_internal.search(index lsh.index, family lsh.family, query lsh_internal.query, plan lsh_internal.plan)
  returns table (key text, distance float8, hamming int)
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
  -- A bucket is visited once: to keep its codes would cost as much as to read them.
  set enable_memoize = off
as $$
#variable_conflict use_column
declare
  keys text[];
  distances float8[];
  hammings int[];
  ef text := current_setting('hnsw.ef_search', true);
begin
  if plan.stage <> 'exact' then
    if plan.stage = 'hnsw' then
      perform set_config('hnsw.ef_search', least(1000, 4 * plan.candidates::bigint)::text, true);
    end if;
    execute format(
      'with candidate as materialized (%1$s),
       ranked as (
         select candidate.key, @vector@.l2_distance(%2$s, $11) as distance, candidate.hamming
         from candidate
           join %3$s as source on source.%4$I = candidate.key
         order by 2, 1
         limit %5$s
       )
       select array_agg(key::text order by distance, key), array_agg(distance order by distance, key),
         array_agg(hamming order by distance, key)
       from ranked',
      lsh_internal.candidates(index, family, plan), lsh_internal.vector_expression(index, 'source'),
      lsh_internal.own_rows(index.relation), index.key_column, plan.k)
    into keys, distances, hammings
    using query.code, plan.buckets, plan.exclude, plan.allowed, family.token,
      query.planes[1], query.planes[2], query.planes[3], query.step, query.size, query.vector, query.centered, query.products;
    if plan.stage = 'hnsw' then
      perform set_config('hnsw.ef_search', coalesce(ef, '40'), true);
    end if;
    perform lsh_internal.codes_of(index);
  end if;
  if cardinality(keys) >= plan.k then
    return query select * from unnest(keys, distances, hammings);
  else
    -- Too few rows there are, or too few candidates: codes of rows that a loader has deleted, or that
    -- row-level security hides. Only the table knows.
    return query select * from lsh_internal.with_hamming(index, family, query, plan);
  end if;
end
$$;

comment on function lsh_internal.search(lsh.index, lsh.family, lsh_internal.query, lsh_internal.plan) is
  'Candidates re-ranked by exact distance; where that leaves fewer than k rows, an exact scan.';

create or replace function lsh_internal.hash_query(family lsh.family, vector @vector@.vector)
  returns lsh_internal.query
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform lsh_internal.assert_dims(family, vector);
  return lsh_internal.hashed_query(family.id, family.token, vector);
end
$$;

comment on function lsh_internal.hash_query(lsh.family, @vector@.vector) is 'A query vector hashed by a family.';

create or replace function lsh.search(
  index text,
  query @vector@.vector,
  k int default 10,
  candidates int default null,
  probes int default null,
  exclude text[] default '{}',
  filter jsonb default null,
  allowed text[] default null,
  stage text default null,
  ranking text default null
)
  returns table (key text, distance float8, hamming int)
  language plpgsql stable parallel unsafe
  set search_path = pg_catalog, pg_temp set extra_float_digits = 3 set datestyle = 'ISO' set intervalstyle = 'postgres'
as $$
#variable_conflict use_column
declare
  chosen lsh.index := lsh_internal.require_index(search.index);
  family lsh.family := lsh_internal.family_of(chosen);
  asked lsh_internal.query := lsh_internal.hash_query(family, search.query);
begin
  perform lsh_internal.assert_plan(search.k, search.candidates, search.probes, search.stage, search.ranking);
  perform lsh_internal.assert_filter(chosen.relation, search.filter);
  return query
    select *
    from lsh_internal.search(chosen, family, asked,
      lsh_internal.plan_search(chosen, family, asked,
        (search.stage, search.ranking, search.k, search.candidates, null, search.exclude, search.allowed, search.filter),
        search.probes));
end
$$;

comment on function lsh.search(text, @vector@.vector, int, int, int, text[], jsonb, text[], text, text) is
  'Finds the k nearest rows: candidates by their codes, ordered by exact distance, ties by key. k rows come back wherever that many pass exclude, filter and allowed.';

create or replace function lsh.search_exact(
  index text,
  query @vector@.vector,
  k int default 10,
  exclude text[] default '{}',
  filter jsonb default null,
  allowed text[] default null
)
  returns table (key text, distance float8)
  language plpgsql stable parallel unsafe
  set search_path = pg_catalog, pg_temp set extra_float_digits = 3 set datestyle = 'ISO' set intervalstyle = 'postgres'
as $$
declare
  chosen lsh.index := lsh_internal.require_index(search_exact.index);
begin
  perform lsh_internal.assert_dims(lsh_internal.family_of(chosen), query);
  perform lsh_internal.assert_plan(k, null, null, null, null);
  perform lsh_internal.assert_filter(chosen.relation, filter);
  return query
    select *
    from lsh_internal.search_exact(chosen, query, ('exact', null, k, null, null, exclude, allowed, filter)::lsh_internal.plan);
end
$$;

comment on function lsh.search_exact(text, @vector@.vector, int, text[], jsonb, text[]) is
  'The k truly nearest rows by Euclidean distance, ties by key; reads the whole table. The filters are those of lsh.search.';
