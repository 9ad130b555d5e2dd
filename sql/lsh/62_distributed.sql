-- Searches of tables that Citus has spread over several machines. Citus takes no lateral join, no parameter without a cast
-- and no function that is to run on the workers: there are no families. So queries are hashed here, what is known of them is
-- written into the statements, and each statement is one that Citus hands to the shards with its order and its limit.
-- Citus is looked for when these run: where it is not installed nothing here names anything of it.

create or replace function lsh_internal.is_distributed(relation regclass)
  returns boolean
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  found boolean;
begin
  if to_regclass('pg_catalog.pg_dist_partition') is null then
    return false;
  end if;
  execute 'select exists (select from pg_catalog.pg_dist_partition where logicalrelid = $1)' into found using relation;
  return found;
end
$$;

comment on function lsh_internal.is_distributed(regclass) is 'Whether Citus has spread a table over its workers.';

create or replace function lsh_internal.is_distributed(index lsh.index)
  returns boolean
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return lsh_internal.is_distributed(index.codes);
end
$$;

comment on function lsh_internal.is_distributed(lsh.index) is 'Whether Citus has spread the tables of an index.';

create or replace function lsh_internal.set_in_turn(relation regclass)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if lsh_internal.is_distributed(relation) then
    -- Until the transaction ends: functions and tables change together, for which Citus wants one connection a worker.
    perform set_config('citus.multi_shard_modify_mode', 'sequential', true);
  end if;
end
$$;

comment on function lsh_internal.set_in_turn(regclass) is 'Has Citus change the shards of a table one after the other.';

create or replace function lsh_internal.key_list(index lsh.index, keys text[])
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return format('%L::%s[]', coalesce(array_remove(keys, null), '{}'), lsh_internal.bare_type(index));
end
$$;

comment on function lsh_internal.key_list(lsh.index, text[]) is 'Keys as an array of their type, written out.';

create or replace function lsh_internal.key_condition(index lsh.index, plan lsh_internal.plan, key text)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return concat_ws(' and ', 'true',
    case when cardinality(plan.exclude) > 0 then format('%s <> all (%s)', key, lsh_internal.key_list(index, plan.exclude)) end,
    case when plan.allowed is not null then format('%s = any (%s)', key, lsh_internal.key_list(index, plan.allowed)) end);
end
$$;

comment on function lsh_internal.key_condition(lsh.index, lsh_internal.plan, text) is
  'Which keys a search may return, as SQL over a column, written out.';

create or replace function lsh_internal.shard_candidates(
  index lsh.index, family lsh.family, query lsh_internal.query, plan lsh_internal.plan, count int
)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  listed constant text := lsh_internal.key_condition(index, plan, 'code.key');
  bit constant text := format('bit(%s)', family.bits);
  statement text;
begin
  if family.kind = 'residual' then
    -- The measure of lsh_internal.residual_candidates.
    return format(
      'select code.key, @vector@.hamming_distance(code.code, probe.code)::int as hamming
       from %1$s as code
         join unnest(%2$L::int[], %3$L::%4$s[], %5$L::float8[], %6$L::float8[]) as probe (bucket, code, distance, size)
           on probe.bucket = code.bucket
       where %7$s
       order by probe.distance + code.norm::float8 * code.norm::float8
         - code.scale * (probe.size * pi() - probe.size * %8$s::float8 * @vector@.hamming_distance(code.code, probe.code)), code.key
       limit %9$s',
      lsh_internal.codes_of(index), query.buckets, query.codes, bit, query.distances, query.sizes, listed, 2 * pi() / family.bits, count);
  end if;
  plan.exclude := '{}';
  plan.allowed := null;
  -- The very statement of a search on one server, so that both rank alike; in it stand names and numbers only, and nothing
  -- of what a caller has written.
  statement := lsh_internal.candidates(index, family, plan, count::text);
  statement := replace(statement, '($1).buckets', format('%L::int[]', query.buckets));
  for plane in 1 .. 3 loop
    statement := replace(statement, format('($1).planes[%s]', plane), format('B%L::%s', query.planes[plane], bit));
  end loop;
  statement := replace(statement, '($1).code', format('B%L::%s', query.code, bit));
  statement := replace(statement, '($1).size', format('%L::float8', query.size));
  statement := replace(statement, '($1).step', format('%L::float8', query.step));
  return replace(statement, 'where true', 'where ' || listed);
end
$$;

comment on function lsh_internal.shard_candidates(lsh.index, lsh.family, lsh_internal.query, lsh_internal.plan, int) is
  'Statement for the candidates of a search of distributed codes: the measures of lsh_internal.candidates, each shard giving no more than all of them may.';

create or replace function lsh_internal.shard_ranked(
  index lsh.index, vector @vector@.vector, condition text, k int, out keys text[], out distances float8[]
)
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  found record;
begin
  -- Row by row: what an aggregate reads Citus would first write down.
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
  'The k nearest by exact distance of those rows of a distributed table that fulfil a condition on "source"; vectors are compared where they are.';

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
  'The true nearest of the rows of a distributed table that may be returned.';

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
  'All rows of a distributed table within a radius: each shard is scanned.';

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
  'Those of some candidates whose rows pass the filter of a search, in their order, as many as are to be ranked.';

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
  candidate record;
  listed text[];
  distinct_bits int[];
  chosen text[];
begin
  if wanted.stage = 'hnsw' then
    raise exception 'distributed index "%" is not searched by a graph', index.name
      using errcode = 'feature_not_supported', hint = 'Search it by stage "buckets" or "scan"; settings of pgvector do not reach the workers.';
  end if;
  plan := wanted;
  while plan.stage <> 'exact' loop
    listed := '{}';
    distinct_bits := '{}';
    for candidate in execute lsh_internal.shard_candidates(index, family, query, plan, coalesce(plan.tested, plan.candidates)) loop
      listed := listed || candidate.key::text;
      distinct_bits := distinct_bits || candidate.hamming::int;
    end loop;
    chosen := case when plan.filter is null then listed else lsh_internal.shard_passing(index, plan, listed) end;
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
      select distinct_bits[array_position(listed, nearest.key)] from unnest(keys) with ordinality as nearest (key, place) order by place);
    return;
  end if;
  select nearest.keys, nearest.distances into keys, distances from lsh_internal.shard_exact(index, vector, plan) as nearest;
  hammings := lsh_internal.shard_hammings(index, family, query, keys);
end
$$;

comment on function lsh_internal.shard_find(lsh.index, lsh.family, @vector@.vector, lsh_internal.plan) is
  'lsh_internal.find of an index whose tables Citus has spread: candidates of all shards, re-ranked by exact distance where the vectors are.';
