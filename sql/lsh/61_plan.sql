create or replace function lsh_internal.assert_plan(k int, candidates int, probes int, stage text, ranking text)
  returns void
  language plpgsql immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if k is null or k < 1 then
    raise exception 'k must be at least 1, not %', coalesce(k::text, 'null')
      using errcode = 'invalid_parameter_value', hint = 'k is the number of neighbours to return.';
  elsif candidates < 1 or probes < 1 then
    raise exception 'candidates and probes must be at least 1, not % and %', candidates, probes
      using errcode = 'invalid_parameter_value', hint = 'Leave them out to use the settings of the index.';
  elsif stage not in ('buckets', 'scan', 'hnsw', 'exact') then
    raise exception 'invalid candidate stage "%"', stage
      using errcode = 'invalid_parameter_value', hint = 'The stages are: buckets, scan, hnsw, exact.';
  elsif ranking not in ('hamming', 'asymmetric', 'estimate') then
    raise exception 'invalid ranking "%"', ranking
      using errcode = 'invalid_parameter_value', hint = 'Rankings are: hamming, asymmetric, estimate.';
  end if;
end
$$;

comment on function lsh_internal.assert_plan(int, int, int, text, text) is
  'Raises unless these are valid settings of a search; null stands for the setting of the index.';

create or replace function lsh_internal.stage_by_size(codes regclass, bits int, dims int, candidates int)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  -- Estimated from the size on disk, which is known even if the table was not analyzed since it grew: a row uses about
  -- 64 bytes plus its code.
  rows constant float8 := pg_relation_size(codes) / (64 + bits / 8.0);
begin
  -- Reading few vectors is faster than hashing a query. But a caller who sets candidates expects an effect.
  return case
    -- Only the workers know the size, and tables with few rows are not distributed.
    when lsh_internal.is_distributed(codes) then 'buckets'
    when candidates is null and rows * dims <= 1e6 then 'exact'
    when rows <= 5000 then 'scan'
    else 'buckets'
  end;
end
$$;

comment on function lsh_internal.stage_by_size(regclass, int, int, int) is
  'Default candidate stage of a search, by the size of the code table.';

create or replace function lsh_internal.stage(index lsh.index, family lsh.family, wanted text, candidates int, probes int)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  chosen text := coalesce(wanted, index.stage, case when probes is not null then 'buckets' end);
begin
  if index.state <> 'ready' then
    return 'exact';
  elsif chosen = 'hnsw' and lsh_internal.within_cells(family.kind) then
    raise exception 'codes of kind "%" have no graph: they are not compared by Hamming distance', family.kind
      using errcode = 'feature_not_supported', hint = 'Search by the buckets or by a scan; other kinds have graphs.';
  elsif chosen = 'hnsw' and lsh_internal.hnsw(index) is null then
    raise exception 'index "%" has no graph over its codes', index.name
      using errcode = 'object_not_in_prerequisite_state',
            hint = format('Build it: "create index on %s using hnsw (code bit_hamming_ops)".', index.codes);
  end if;
  return coalesce(chosen, lsh_internal.stage_by_size(index.codes, family.bits, family.dims, candidates));
end
$$;

comment on function lsh_internal.stage(lsh.index, lsh.family, text, int, int) is
  'Candidate stage of a search: as set by the caller or the index, or else by the size of the table. Setting probes selects the buckets.';

create or replace function lsh_internal.best_ranking(kind text)
  returns text
  language sql immutable parallel safe
  return case when lsh_internal.estimates(kind) then 'estimate' else 'asymmetric' end;

comment on function lsh_internal.best_ranking(text) is 'Default ranking of codes of a kind.';

create or replace function lsh_internal.ranking(index lsh.index, family lsh.family, wanted text)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  chosen text := coalesce(wanted, index.ranking, lsh_internal.best_ranking(family.kind));
begin
  if chosen = 'estimate' and not lsh_internal.estimates(family.kind) then
    raise exception 'codes of kind "%" do not estimate distances', family.kind
      using errcode = 'invalid_parameter_value', hint = 'Rank them by "hamming" or "asymmetric"; kinds sign, itq, residual and scalar estimate distances.';
  elsif lsh_internal.within_cells(family.kind) and not (chosen = 'estimate' or chosen = 'asymmetric' and family.kind = 'residual') then
    raise exception 'codes of kind "%" cannot be ranked by "%": only their estimates are comparable', family.kind, chosen
      using errcode = 'invalid_parameter_value', hint = 'Leave the ranking out: distances are estimated.';
  elsif chosen = 'asymmetric' and family.kind = 'residual' and lsh_internal.is_distributed(index) then
    raise exception 'residual codes of distributed index "%" cannot be ranked by "asymmetric"', index.name
      using errcode = 'feature_not_supported', hint = 'Leave the ranking out: distances are estimated.';
  end if;
  return chosen;
end
$$;

comment on function lsh_internal.ranking(lsh.index, lsh.family, text) is
  'Ranking of a search: as set by the caller or the index, or else the best that the family supports.';

create or replace function lsh_internal.plan_filter(
  index lsh.index, family lsh.family, wanted lsh_internal.plan, rows float8, cost float8
)
  returns lsh_internal.plan
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  plan lsh_internal.plan := wanted;
  -- Costs of looking up a row by its key and of visiting a code, in the planner's units, of which each takes about 0.75
  -- microseconds for rows in memory.
  look_up constant float8 := 3;
  visit constant float8 := 0.3;
  total float8 := greatest(1, pg_relation_size(index.codes) / (64 + family.bits / 8.0));
  among float8;
  visited float8;
begin
  if lsh_internal.is_distributed(index) then
    -- The coordinator has neither sizes nor statistics: it assumes that one in sixteen rows passes.
    plan.tested := case when plan.filter is not null then 16 * plan.candidates end;
    plan.stage := case when cardinality(plan.allowed) <= 5000 then 'exact' else plan.stage end;
    return plan;
  end if;
  plan.passing := 1;
  if plan.filter is not null then
    total := greatest(total, rows);
    plan.passing := greatest(1, rows) / total;
  end if;
  if plan.allowed is not null then
    plan.passing := plan.passing * least(1, greatest(1, cardinality(plan.allowed)) / total);
  end if;
  among := greatest(10, plan.k) / plan.passing;
  -- The nearest k rows that pass are among the nearest k / passing of all rows, give or take half, and so many need
  -- fewer candidates than their share of the rows: settings tell. If a search asks for candidates, it tests half as many
  -- more as should be needed for these to pass.
  plan.tested := least(total, case
    when index.settings = 'measured'
      and plan.candidates = lsh_internal.candidates_for(index.settings, index.candidates, index.measured, plan.k)
    then lsh_internal.candidates_for(index.settings, index.candidates, index.measured, 1.5 * among)
    else 1.5 * plan.candidates / plan.passing + plan.candidates
  end);
  plan.probes := least(family.bucket_count, coalesce(plan.probes, lsh_internal.probes_among(index, plan.k, plan.passing)));
  -- A search skips about half of the cells, those that are much farther than the nearest, unless it reads all.
  visited := total * plan.probes / family.bucket_count * case when plan.probes < family.bucket_count then 0.5 else 1 end;
  -- All rows of a short list are looked up, which takes as long as a search and misses none. Settings are measured for up
  -- to a hundred neighbours; beyond, they may be too low, and the search be repeated.
  if least(cost + rows * family.dims / 1000, cardinality(plan.allowed) * (look_up + family.dims / 1000.0))
      <= (look_up * plan.tested + visit * visited) * greatest(1, among / 100)
    or cardinality(plan.allowed) <= 250
  then
    plan.stage := 'exact';
  end if;
  return plan;
end
$$;

comment on function lsh_internal.plan_filter(lsh.index, lsh.family, lsh_internal.plan, float8, float8) is
  'Chooses between an exact search among the rows that pass and tests of candidates, whichever the planner expects to cost less.';

create or replace function lsh_internal.plan_search(
  index lsh.index,
  family lsh.family,
  k int,
  candidates int,
  probes int,
  exclude text[],
  filter jsonb,
  allowed text[],
  stage text,
  ranking text
)
  returns lsh_internal.plan
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  plan lsh_internal.plan;
  checked record;
begin
  perform lsh_internal.assert_plan(plan_search.k, nullif(plan_search.candidates, 0), plan_search.probes, plan_search.stage, plan_search.ranking);
  plan.stage := lsh_internal.stage(index, family, plan_search.stage, plan_search.candidates, plan_search.probes);
  plan.ranking := lsh_internal.ranking(index, family, plan_search.ranking);
  plan.k := plan_search.k;
  plan.candidates := greatest(plan_search.k,
    coalesce(plan_search.candidates, lsh_internal.candidates_for(index.settings, index.candidates, index.measured, plan_search.k)));
  plan.probes := plan_search.probes;
  plan.exclude := plan_search.exclude;
  plan.allowed := plan_search.allowed;
  if plan_search.candidates = 0 then
    plan := lsh_internal.plan_estimates(index, family, plan, plan_search.stage, plan_search.probes);
  end if;
  if num_nonnulls(plan_search.filter, plan_search.allowed) > 0 then
    checked := lsh_internal.checked_filter(index.relation, plan_search.filter, case when not coalesce(plan.estimated, false) then index.vector_column end);
    plan.filter := checked.condition;
    if plan.stage <> 'exact' then
      plan := lsh_internal.plan_filter(index, family, plan, checked.rows, checked.cost);
    end if;
    if plan.estimated and plan.stage = 'exact' then
      plan.stage := 'scan';
      plan.tested := case when plan.filter is not null then 2147483647 end;
    end if;
  end if;
  plan.probes := least(family.bucket_count,
    coalesce(plan.probes, lsh_internal.probes_for(index.settings, index.probes, index.measured, plan_search.k)));
  return plan;
end
$$;

comment on function lsh_internal.plan_search(lsh.index, lsh.family, int, int, int, text[], jsonb, text[], text, text) is
  'Completes the arguments of a search with the settings of the index, and raises if they are invalid.';
