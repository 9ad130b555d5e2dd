-- Searches of tables that Citus has distributed: statements with literal values, which Citus runs on every shard.

create or replace function lsh_internal.shard_ranked(
  index lsh.index, vector @vector@.vector, condition text, k int, out keys text[], out distances float8[]
)
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  found record;
begin
  -- Reads row by row: Citus would first materialise the input of an aggregate.
  for found in execute format(
    'select source.%1$I as key, @vector@.l2_distance(%2$s, %3$L::@vector@.vector) as distance
     from %4$s as source
     where source.%5$I is not null
       and (%6$s)
     order by distance, key
     limit %7$s',
    index.key_column, lsh_internal.vector_expression(index, 'source'), vector, lsh_internal.own_rows(index.relation),
    index.vector_column, condition, coalesce(k::text, 'all'))
  loop
    keys := keys || found.key::text;
    distances := distances || found.distance;
  end loop;
end
$$;

comment on function lsh_internal.shard_ranked(lsh.index, @vector@.vector, text, int) is
  'The k nearest by exact distance of those rows of a distributed table that fulfil a condition on "source". The workers compute the distances.';

create or replace function lsh_internal.shard_exact(index lsh.index, vector @vector@.vector, plan lsh_internal.plan, out keys text[], out distances float8[])
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  select nearest.keys, nearest.distances
  into keys, distances
  from lsh_internal.shard_ranked(index, vector,
    format('%s and (%s)', lsh_internal.key_condition(index, plan, format('source.%I', index.key_column)), coalesce(plan.filter, 'true')),
    plan.k) as nearest;
end
$$;

comment on function lsh_internal.shard_exact(lsh.index, @vector@.vector, lsh_internal.plan) is
  'The exact nearest of the rows of a distributed table that a search may return.';

create or replace function lsh_internal.shard_within(
  index lsh.index, vector @vector@.vector, plan lsh_internal.plan, radius float8, out keys text[], out distances float8[]
)
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  select near.keys, near.distances
  into keys, distances
  from lsh_internal.shard_ranked(index, vector,
    format('%s and (%s) and @vector@.l2_distance(%s, %L::@vector@.vector) <= %L::float8',
      lsh_internal.key_condition(index, plan, format('source.%I', index.key_column)), coalesce(plan.filter, 'true'),
      lsh_internal.vector_expression(index, 'source'), vector, radius),
    plan.k) as near;
end
$$;

comment on function lsh_internal.shard_within(lsh.index, @vector@.vector, lsh_internal.plan, float8) is
  'All rows of a distributed table within a radius, by a scan of each shard.';

create or replace function lsh_internal.shard_hammings(
  index lsh.index, family lsh.family, query lsh_internal.query, keys text[]
)
  returns int[]
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  found record;
  coded text[];
  codes bit varying[];
  buckets int[];
begin
  if keys is null then
    return null;
  end if;
  for found in execute format('select code.key::text as key, code.code, code.bucket from %s as code where code.key = any (%s)',
    lsh_internal.codes_of(index), lsh_internal.key_list(index, keys))
  loop
    coded := coded || found.key;
    codes := codes || found.code::bit varying;
    buckets := buckets || found.bucket;
  end loop;
  return array(
    select lsh.hamming(code.code, coalesce(member.code, query.code))
    from unnest(keys) with ordinality as nearest (key, place)
      left join unnest(coded, codes, buckets) as code (key, code, bucket) on code.key = nearest.key
      left join lsh_internal.members(family.id, family.token, query.vector, array(select distinct bucket from unnest(buckets) as bucket)) as member
        on member.bucket = code.bucket
    order by nearest.place);
end
$$;

comment on function lsh_internal.shard_hammings(lsh.index, lsh.family, lsh_internal.query, text[]) is
  'Hamming distances of the codes of some rows of a distributed table; null for a row without a code.';

create or replace function lsh_internal.shard_passing(index lsh.index, plan lsh_internal.plan, keys text[])
  returns text[]
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  found record;
  passing text[] := '{}';
begin
  for found in execute format('select source.%1$I::text as key from %2$s as source where source.%1$I = any (%3$s) and (%4$s)',
    index.key_column, lsh_internal.own_rows(index.relation), lsh_internal.key_list(index, keys), plan.filter)
  loop
    passing := passing || found.key;
  end loop;
  return array(
    select listed.key
    from unnest(keys) with ordinality as listed (key, place)
      join unnest(passing) as passed (key) on passed.key = listed.key
    order by listed.place
    limit plan.candidates);
end
$$;

comment on function lsh_internal.shard_passing(lsh.index, lsh_internal.plan, text[]) is
  'Those of some candidates whose rows pass the filter of a search, in their order, at most as many as the search re-ranks.';

create or replace function lsh_internal.shard_find(
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
  set search_path = pg_catalog, pg_temp set jit = off
as $$
declare
  query lsh_internal.query := lsh_internal.hash_query(family, vector, wanted);
  listed record;
  chosen text[];
begin
  if wanted.stage = 'hnsw' then
    raise exception 'distributed index "%" cannot be searched by stage "hnsw"', index.name
      using errcode = 'feature_not_supported', hint = 'Search it by stage "buckets" or "scan"; settings of pgvector do not reach the workers.';
  end if;
  plan := wanted;
  while plan.stage <> 'exact' loop
    listed := lsh_internal.shard_listed(index, family, query, plan);
    chosen := case when plan.filter is null then listed.keys else lsh_internal.shard_passing(index, plan, listed.keys) end;
    select nearest.keys, nearest.distances
    into keys, distances
    from lsh_internal.shard_ranked(index, vector,
      format('source.%I = any (%s)', index.key_column, lsh_internal.key_list(index, chosen)), plan.k) as nearest;
    exit when cardinality(keys) >= plan.k and (plan.filter is null or cardinality(chosen) >= plan.candidates / 2)
      or plan.stage <> 'buckets' or plan.probes >= family.bucket_count;
    plan.probes := least(family.bucket_count, 4 * plan.probes::bigint);
    if plan.tested is not null then
      plan.tested := least(2147483647, 4 * plan.tested::bigint);
    end if;
    query := lsh_internal.hash_query(family, vector, plan);
  end loop;
  if cardinality(keys) >= plan.k then
    hammings := array(
      select listed.hammings[array_position(listed.keys, nearest.key)] from unnest(keys) with ordinality as nearest (key, place) order by place);
    return;
  end if;
  select nearest.keys, nearest.distances into keys, distances from lsh_internal.shard_exact(index, vector, plan) as nearest;
  hammings := lsh_internal.shard_hammings(index, family, query, keys);
end
$$;

comment on function lsh_internal.shard_find(lsh.index, lsh.family, @vector@.vector, lsh_internal.plan) is
  'lsh_internal.find for an index whose tables Citus has distributed: candidates of all shards, re-ranked by exact distance on the workers.';
