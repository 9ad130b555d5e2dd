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
  returns table (key text, distance float8, hamming int, estimated boolean)
  language plpgsql stable parallel unsafe
  set search_path = pg_catalog, pg_temp set extra_float_digits = 3 set datestyle = 'ISO' set intervalstyle = 'postgres'
as $$
#variable_conflict use_column
declare
  keys text[];
  distances float8[];
  hammings int[];
  chosen lsh.index;
  family lsh.family;
  plan lsh_internal.plan;
begin
  if search.filter is null and search.allowed is null then
    select quick.keys, quick.distances, quick.hammings
    into keys, distances, hammings
    from lsh_internal.quick_search(search.index, search.query, search.k, search.candidates, search.probes, search.exclude,
      search.stage, search.ranking, null) as quick;
  end if;
  if keys is null then
    chosen := lsh_internal.require_index(search.index);
    family := lsh_internal.family_of(chosen);
    plan := lsh_internal.plan_search(chosen, family, search.k, search.candidates, search.probes, search.exclude, search.filter,
      search.allowed, search.stage, search.ranking);
    select nearest.keys, nearest.distances, nearest.hammings
    into keys, distances, hammings
    from lsh_internal.find(chosen, family, search.query, plan) as nearest;
  end if;
  return query
    select found.key, found.distance, found.hamming, coalesce(plan.estimated, false)
    from unnest(keys, distances, hammings) as found (key, distance, hamming);
end
$$;

comment on function lsh.search(text, @vector@.vector, int, int, int, text[], jsonb, text[], text, text) is
  'Finds the k nearest rows: candidates by code, then exact distance (candidates => 0: by estimate), ties by key. Returns k rows if at least k rows pass exclude, filter and allowed.';

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
  plan lsh_internal.plan;
begin
  perform lsh_internal.assert_dims(lsh_internal.family_of(chosen), query);
  perform lsh_internal.assert_plan(search_exact.k, null, null, null, null);
  plan.k := search_exact.k;
  plan.exclude := search_exact.exclude;
  plan.allowed := search_exact.allowed;
  plan.filter := (lsh_internal.checked_filter(chosen.relation, search_exact.filter)).condition;
  return query select * from lsh_internal.search_exact(chosen, search_exact.query, plan);
end
$$;

comment on function lsh.search_exact(text, @vector@.vector, int, text[], jsonb, text[]) is
  'Finds the k truly nearest rows by Euclidean distance, ties by key. Reads the whole table. The filters are those of lsh.search.';
