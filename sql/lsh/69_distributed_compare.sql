create or replace function lsh_internal.shard_coded(
  index lsh.index, family lsh.family, vector @vector@.vector, plan lsh_internal.plan
)
  returns float8[]
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  listed text[] := (lsh_internal.shard_listed(index, family, lsh_internal.hash_query(family, vector, plan), plan)).keys;
  near record;
begin
  if plan.filter is not null then
    listed := lsh_internal.shard_passing(index, plan, listed);
  end if;
  near := lsh_internal.shard_ranked(index, vector, format('source.%I = any (%s)', index.key_column, lsh_internal.key_list(index, listed)), null);
  return array(
    select found.distance
    from unnest(near.keys, near.distances) as found (key, distance)
    order by array_position(listed, found.key));
end
$$;

comment on function lsh_internal.shard_coded(lsh.index, lsh.family, @vector@.vector, lsh_internal.plan) is
  'Exact distances of the candidates of a search of distributed codes, in the order of the candidates.';

create or replace function lsh_internal.shard_compare(
  index lsh.index,
  family lsh.family,
  vector @vector@.vector,
  plan lsh_internal.plan,
  coded lsh_internal.plan,
  ks int[],
  reached float8[],
  scanned float8[],
  visited int
)
  returns table (k int, overlap int, dice float8, jaccard float8, recall float8, code_loss float8, bucket_loss float8, visits int)
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  truth constant float8[] := (lsh_internal.shard_exact(index, vector, plan)).distances;
  by_codes constant float8[] := lsh_internal.shard_coded(index, family, vector, coded);
begin
  -- Counts as lsh_internal.compare does.
  return query
    select counted.k, counted.overlap::int, counted.overlap::float8 / size, counted.overlap::float8 / (2 * size - counted.overlap),
      counted.hits::float8 / size, 1 - counted.scanned::float8 / size, (counted.scanned - counted.hits)::float8 / size, shard_compare.visited
    from (
      select
        wanted.k,
        true_ones.size,
        (select count(*) from unnest(by_codes[:wanted.k]) as distance where distance <= true_ones.edge) as overlap,
        least(true_ones.size, (select count(*) from unnest(shard_compare.scanned[:wanted.k]) as distance where distance <= true_ones.edge)) as scanned,
        least(true_ones.size, (select count(*) from unnest(shard_compare.reached[:wanted.k]) as distance where distance <= true_ones.edge)) as hits
      from unnest(ks) as wanted (k)
        cross join lateral (select count(*) as size, max(distance) as edge from unnest(truth[:wanted.k]) as distance) as true_ones
    ) as counted
    where size > 0
    order by counted.k;
end
$$;

comment on function lsh_internal.shard_compare(lsh.index, lsh.family, @vector@.vector, lsh_internal.plan, lsh_internal.plan, int[], float8[], float8[], int) is
  'One query of lsh.compare over tables that Citus has distributed.';
