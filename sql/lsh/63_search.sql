-- Parameters of statements are those of 62_candidates.sql.

create or replace function lsh._search_exact(index lsh.index, query vector, plan lsh.plan)
  returns table (key text, distance float8)
  language plpgsql stable
  set search_path from current
as $$
#variable_conflict use_column
begin
  return query execute format(
    'select code.key::text, l2_distance(source.%1$I, $11) as distance
     from %2$s as source
       cross join lateral (values (source.%3$I)) as code (key)
     where source.%1$I is not null
       and %4$s
     order by distance, code.key
     limit %5$s',
    index.vector_column, index.relation, index.key_column, lsh._condition(index, plan, 'source'), plan.k)
  using null, null, plan.exclude, plan.allowed, plan.filter, null, null, null, null, null, query;
end
$$;

comment on function lsh._search_exact(lsh.index, vector, lsh.plan) is
  'The true nearest of the rows that may be returned, by a scan of the table.';

create or replace function lsh._with_hamming(index lsh.index, query lsh.query, plan lsh.plan)
  returns table (key text, distance float8, hamming int)
  language plpgsql stable
  set search_path from current
as $$
#variable_conflict use_column
begin
  return query execute format(
    'select exact.key, exact.distance,
       lsh.hamming(code.code, coalesce(
         (
           select binary_quantize($5 - cell.image)
           from lsh.projection as cell
           where cell.family_id = $6
             and cell.purpose = ''bucket''
             and cell.ordinal = code.bucket
         ),
         $1))
     from lsh._search_exact($2, $3, $4) with ordinality as exact (key, distance, place)
       left join lsh_index.%I as code on code.key = exact.key::%s
     order by exact.place',
    index.name, lsh._bare_type(index))
  using query.code, index, query.vector, plan, query.products, index.family_id;
end
$$;

comment on function lsh._with_hamming(lsh.index, lsh.query, lsh.plan) is
  'The true nearest rows; hamming is null for a row without a code.';

create or replace function lsh._search(index lsh.index, family lsh.family, query lsh.query, plan lsh.plan)
  returns table (key text, distance float8, hamming int)
  language plpgsql stable
  set search_path from current
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
      perform set_config('hnsw.ef_search', least(1000, 4 * plan.candidates)::text, true);
    end if;
    execute format(
      'with candidate as materialized (%1$s),
       ranked as (
         select candidate.key, l2_distance(source.%2$I, $11) as distance, candidate.hamming
         from candidate
           join %3$s as source on source.%4$I = candidate.key
         order by 2, 1
         limit %5$s
       )
       select array_agg(key::text order by distance, key), array_agg(distance order by distance, key),
         array_agg(hamming order by distance, key)
       from ranked',
      lsh._candidates(index, family, plan), index.vector_column, index.relation, index.key_column, plan.k)
    into keys, distances, hammings
    using query.code, plan.buckets, plan.exclude, plan.allowed, plan.filter,
      query.planes[1], query.planes[2], query.planes[3], query.step, query.size, query.vector, query.centered, query.products;
    if plan.stage = 'hnsw' then
      perform set_config('hnsw.ef_search', coalesce(ef, '40'), true);
    end if;
  end if;
  if cardinality(keys) >= plan.k then
    return query select * from unnest(keys, distances, hammings);
  else
    -- Too few rows there are, or too few candidates: codes of rows that a loader has deleted, or that
    -- row-level security hides. Only the table knows.
    return query select * from lsh._with_hamming(index, query, plan);
  end if;
end
$$;

comment on function lsh._search(lsh.index, lsh.family, lsh.query, lsh.plan) is
  'Candidates re-ranked by exact distance; where that leaves fewer than k rows, an exact scan.';

create or replace function lsh._query(family lsh.family, vector vector)
  returns lsh.query
  language plpgsql stable
  set search_path from current
as $$
declare
  asked lsh.query;
begin
  perform lsh._assert_dims(family, vector);
  asked.vector := vector;
  if family.kind = 'residual' then
    asked.centered := lsh._centered(family.id, vector);
    asked.products := lsh._products(family.id, asked.centered);
  else
    select * into asked.code, asked.planes, asked.step, asked.size from lsh._described(family.id, vector, null);
  end if;
  return asked;
end
$$;

comment on function lsh._query(lsh.family, vector) is 'A query vector hashed by a family.';

create or replace function lsh.search(
  index text,
  query vector,
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
  language plpgsql stable
  set search_path from current
as $$
#variable_conflict use_column
declare
  chosen lsh.index := lsh._require_index(search.index);
  family lsh.family := (select family from lsh.family where family.id = chosen.family_id);
  asked lsh.query := lsh._query(family, search.query);
begin
  perform lsh._assert_plan(search.k, search.candidates, search.probes, search.stage, search.ranking);
  return query
    select *
    from lsh._search(chosen, family, asked,
      lsh._plan(chosen, family, asked,
        (search.stage, search.ranking, search.k, search.candidates, null, search.exclude, search.allowed, search.filter),
        search.probes));
end
$$;

comment on function lsh.search(text, vector, int, int, int, text[], jsonb, text[], text, text) is
  'The k nearest rows: candidates by their codes, order by exact distance and key. Never returned are keys in "exclude", rows that do not pass "filter" ({"column": value}, {"column": [values]}, {"column": {"gte": least, "lt": most}}) and, where "allowed" is given, keys that are not in it. stage: buckets (multi-probe), scan (all codes), hnsw (a graph over the codes) or exact, by default chosen by size; ranking: hamming, asymmetric or estimate. k rows come back whenever k may be returned, by an exact scan where the codes give fewer.';

create or replace function lsh.search_exact(
  index text,
  query vector,
  k int default 10,
  exclude text[] default '{}',
  filter jsonb default null,
  allowed text[] default null
)
  returns table (key text, distance float8)
  language plpgsql stable
  set search_path from current
as $$
declare
  chosen lsh.index := lsh._require_index(search_exact.index);
begin
  perform lsh._assert_dims((select family from lsh.family where family.id = chosen.family_id), query);
  perform lsh._assert_plan(k, null, null, null, null);
  return query
    select *
    from lsh._search_exact(chosen, query, ('exact', null, k, null, null, exclude, allowed, filter)::lsh.plan);
end
$$;

comment on function lsh.search_exact(text, vector, int, text[], jsonb, text[]) is
  'The k truly nearest rows by Euclidean distance, ties by key; reads the whole table. The filters are those of lsh.search.';
