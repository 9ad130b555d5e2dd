create or replace function lsh_internal.search_exact(index lsh.index, query @vector@.vector, plan lsh_internal.plan)
  returns table (key text, distance float8)
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if lsh_internal.is_distributed(index) then
    return query
      select nearest.key, nearest.distance
      from lsh_internal.shard_exact(index, query, plan) as found
        cross join lateral unnest(found.keys, found.distances) as nearest (key, distance);
    return;
  end if;
  return query execute format(
    'select code.key::text, @vector@.l2_distance(%6$s, $1) as distance
     from %2$s as source
       cross join lateral (values (source.%3$I)) as code (key)
     where source.%1$I is not null
       and %4$s and (%7$s)
     order by distance, code.key
     limit %5$s',
    index.vector_column, lsh_internal.own_rows(index.relation), index.key_column,
    lsh_internal.listed(index, plan), plan.k, lsh_internal.vector_expression(index, 'source'), coalesce(plan.filter, 'true'))
  using query, plan.exclude, plan.allowed;
end
$$;

comment on function lsh_internal.search_exact(lsh.index, @vector@.vector, lsh_internal.plan) is
  'The exact nearest of the rows that a search may return, by a scan of the table.';

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
       from lsh_internal.search_exact($2, ($1).vector, $3) with ordinality as exact (key, distance, place)
         left join lateral (
           select stored.code, stored.bucket from %s as stored where stored.key = exact.key::%s offset 0
         ) as code on true
     )
     select nearest.key, nearest.distance, lsh.hamming(nearest.code, coalesce(member.code, ($1).code))
     from nearest
       left join lsh_internal.members(%s, $4, ($1).vector, array(select distinct bucket from nearest where bucket is not null)) as member
         on member.bucket = nearest.bucket
     order by nearest.place',
    lsh_internal.codes_of(index), lsh_internal.bare_type(index), family.id)
  using query, index, plan, family.token;
end
$$;

comment on function lsh_internal.with_hamming(lsh.index, lsh.family, lsh_internal.query, lsh_internal.plan) is
  'The exact nearest rows with the Hamming distances of their codes; null for a row without a code.';

create or replace function lsh_internal.hash_query(family lsh.family, vector @vector@.vector, plan lsh_internal.plan)
  returns lsh_internal.query
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform lsh_internal.assert_dims(family, vector);
  return lsh_internal.hashed_query(family.id, family.token, vector, case
    when plan.stage = 'buckets' then plan.probes
    -- For codes within cells, the query has values of its own in each cell.
    when plan.stage = 'scan' and lsh_internal.within_cells(family.kind) then family.bucket_count
  end, plan.estimated or plan.ranking = 'asymmetric');
end
$$;

comment on function lsh_internal.hash_query(lsh.family, @vector@.vector, lsh_internal.plan) is
  'Hashes a query vector by a family, with the buckets that the plan of a search needs.';

create or replace function lsh_internal.finding(index lsh.index, family lsh.family, plan lsh_internal.plan)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  kept constant text := case when plan.stage = 'buckets' and plan.ranking = lsh_internal.best_ranking(family.kind)
    then lsh_internal.finder(index, case when plan.tested is null then 'find' else 'candidates' end) end;
begin
  if plan.estimated then
    return lsh_internal.listed_by_estimate(lsh_internal.passing(index, plan,
      lsh_internal.estimating(index, family, plan, coalesce(plan.tested, plan.candidates)::text)));
  elsif kept is not null and plan.tested is null then
    return format('select * from %s($1, $2, %s, %s, %s, %s)', kept, plan.candidates, index.relation::oid, index.codes::oid, plan.k);
  end if;
  return lsh_internal.ranked(index, lsh_internal.passing(index, plan, case
    -- The list of allowed keys is tested in the output of the inner query: for a condition, the planner would estimate
    -- the number of rows of each key.
    when kept is not null then format(
      'select found.key, found.hamming from (select *, %s from %s($1, $2, %s, %s, %s) offset 0) as found (key, hamming, is_allowed) where found.is_allowed',
      case when plan.allowed is null then 'true' else format('key = any ($3::%s[])', lsh_internal.bare_type(index)) end,
      kept, plan.tested, index.relation::oid, index.codes::oid)
    else lsh_internal.candidates(index, family, plan, coalesce(plan.tested, plan.candidates)::text)
  end), plan.k::text);
end
$$;

comment on function lsh_internal.finding(lsh.index, lsh.family, lsh_internal.plan) is
  'Statement for the nearest rows among candidates. It calls the function that keeps the statement, if there is one.';

create or replace function lsh_internal.find(
  index lsh.index,
  family lsh.family,
  vector @vector@.vector,
  wanted lsh_internal.plan,
  out keys text[],
  out distances float8[],
  out hammings int[],
  out plan lsh_internal.plan
)
  language plpgsql stable
  set search_path = pg_catalog, pg_temp set enable_memoize = off set jit = off
as $$
declare
  query lsh_internal.query;
  spread record;
  passed bigint;
  ef text;
begin
  if lsh_internal.is_distributed(index) then
    spread := lsh_internal.shard_find(index, family, vector, wanted);
    keys := spread.keys;
    distances := spread.distances;
    hammings := spread.hammings;
    plan := spread.plan;
    return;
  end if;
  query := lsh_internal.hash_query(family, vector, wanted);
  plan := wanted;
  while plan.stage <> 'exact' loop
    if plan.stage = 'hnsw' then
      ef := current_setting('hnsw.ef_search', true);
      perform set_config('hnsw.ef_search', least(1000, 4 * plan.candidates::bigint)::text, true);
    end if;
    execute lsh_internal.finding(index, family, plan)
    into keys, distances, hammings, passed
    using query, plan.exclude, plan.allowed;
    if plan.stage = 'hnsw' then
      perform set_config('hnsw.ef_search', coalesce(ef, '40'), true);
    end if;
    perform lsh_internal.codes_of(index);
    -- If rows have to pass conditions, half of the wanted candidates suffice, or half of those that should pass.
    exit when cardinality(keys) >= plan.k
        and (plan.tested is null or passed >= least(plan.candidates, wanted.tested * wanted.passing) / 2)
      or plan.stage <> 'buckets' or plan.probes >= family.bucket_count;
    -- The buckets contain too few rows, or too few that pass.
    plan.probes := least(family.bucket_count, 4 * plan.probes::bigint);
    if plan.tested is not null then
      plan.tested := least(2147483647, 4 * plan.tested::bigint);
    end if;
    query := lsh_internal.hash_query(family, vector, plan);
  end loop;
  if plan.estimated or cardinality(keys) >= plan.k then
    return;
  end if;
  -- Either there are fewer than k rows, or some candidates are codes of rows that a loader has deleted or that
  -- row-level security hides. Only the table can tell.
  select array_agg(nearest.key order by nearest.place), array_agg(nearest.distance order by nearest.place),
    array_agg(nearest.hamming order by nearest.place)
  into keys, distances, hammings
  from lsh_internal.with_hamming(index, family, query, plan) with ordinality as nearest (key, distance, hamming, place);
end
$$;

comment on function lsh_internal.find(lsh.index, lsh.family, @vector@.vector, lsh_internal.plan) is
  'Visits more and more buckets until k rows are found, re-ranked by exact distance or ranked by estimate. Scans the table if all buckets contain fewer. Also returns the plan that succeeded.';
