create or replace function lsh_internal.quick_search(
  index text,
  vector @vector@.vector,
  k int,
  candidates int,
  probes int,
  exclude text[],
  stage text,
  ranking text,
  relation regclass,
  out keys text[],
  out distances float8[],
  out hammings int[]
)
  language plpgsql stable
  -- For searches that it does not answer, the first statement looks so cheap that PostgreSQL would plan it for each
  -- call.
  set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
as $$
declare
  found record;
begin
  -- Selects single columns, because copying whole rows costs a tenth of a search.
  select registered.relation, registered.codes, registered.family_id, family.token,
    greatest(quick_search.k, coalesce(quick_search.candidates,
      lsh_internal.candidates_for(registered.settings, registered.candidates, registered.measured, quick_search.k))) as candidates,
    least(family.bucket_count, coalesce(quick_search.probes,
      lsh_internal.probes_for(registered.settings, registered.probes, registered.measured, quick_search.k))) as probes,
    lsh_internal.finder_name(registered, 'find') as finder
  into found
  from lsh.index as registered
    join lsh.family on family.id = registered.family_id
    cross join lateral lsh_internal.fits(registered)
  where registered.name = quick_search.index
    and registered.state = 'ready'
    and registered.relation = coalesce(quick_search.relation, registered.relation)
    and coalesce(quick_search.ranking, registered.ranking) is null
    and 'buckets' = coalesce(quick_search.stage, registered.stage, case when quick_search.probes is not null then 'buckets' end,
      lsh_internal.stage_by_size(registered.codes, family.bits, family.dims, quick_search.candidates))
    and family.dims = @vector@.vector_dims(quick_search.vector)
    and quick_search.k >= 1 and coalesce(quick_search.candidates, 1) >= 1 and coalesce(quick_search.probes, 1) >= 1;
  if found.finder is null or to_regproc(format('lsh_internal.%I', found.finder)) is null then
    return;
  end if;
  execute format('select found.keys, found.distances, found.hammings from lsh_internal.%I($1, $2, $3, $4, $5, $6) as found', found.finder)
  into keys, distances, hammings
  using lsh_internal.hashed_query(found.family_id, found.token, quick_search.vector, found.probes), quick_search.exclude,
    found.candidates, found.relation, found.codes, quick_search.k;
  if cardinality(keys) < quick_search.k then
    keys := null;
  end if;
end
$$;

comment on function lsh_internal.quick_search(text, @vector@.vector, int, int, int, text[], text, text, regclass) is
  'The usual search, by the kept statement: keys, distances and Hamming distances of k rows. Null if lsh_internal.find has to find them or to report an error.';
