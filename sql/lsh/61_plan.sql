create or replace function lsh_internal.assert_plan(k int, candidates int, probes int, stage text, ranking text)
  returns void
  language plpgsql immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if k is null or k < 1 then
    raise exception 'k is at least 1, not %', coalesce(k::text, 'null')
      using errcode = 'invalid_parameter_value', hint = 'k is the number of neighbours to return.';
  elsif candidates < 1 or probes < 1 then
    raise exception 'candidates and probes are at least 1, not % and %', candidates, probes
      using errcode = 'invalid_parameter_value', hint = 'Leave them out to use the settings of the index.';
  elsif stage not in ('buckets', 'scan', 'hnsw', 'exact') then
    raise exception 'there is no candidate stage "%"', stage
      using errcode = 'invalid_parameter_value', hint = 'The stages are: buckets, scan, hnsw, exact.';
  elsif ranking not in ('hamming', 'asymmetric', 'estimate') then
    raise exception 'codes are not ranked by "%"', ranking
      using errcode = 'invalid_parameter_value', hint = 'Rankings are: hamming, asymmetric, estimate.';
  end if;
end
$$;

comment on function lsh_internal.assert_plan(int, int, int, text, text) is
  'Raises unless these are settings of a search; null stands for that of the index.';

create or replace function lsh_internal.stage(index lsh.index, family lsh.family, wanted text, candidates int, probes int)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  chosen text := coalesce(wanted, index.stage);
  -- By its size, which is known of a table that was not analyzed since it grew: a row takes about 64 bytes and its code.
  rows float8 := pg_relation_size(index.codes) / (64 + family.bits / 8.0);
begin
  if index.state <> 'ready' then
    return 'exact';
  elsif chosen = 'hnsw' and family.kind = 'residual' then
    raise exception 'codes of kind "residual" have no graph: they compare within a bucket only'
      using errcode = 'feature_not_supported', hint = 'Search by the buckets or by a scan; other kinds have graphs.';
  elsif chosen = 'hnsw' and lsh_internal.hnsw(index) is null then
    raise exception 'index "%" has no graph over its codes', index.name
      using errcode = 'object_not_in_prerequisite_state',
            hint = format('Build it: "create index on %s using hnsw (code bit_hamming_ops)".', index.codes);
  end if;
  -- Few vectors are read sooner than a query is hashed. Who sets probes or candidates wants to see what they do.
  return coalesce(chosen, case
    when probes is not null then 'buckets'
    when candidates is null and rows * family.dims <= 1e6 then 'exact'
    when rows <= 5000 then 'scan'
    else 'buckets'
  end);
end
$$;

comment on function lsh_internal.stage(lsh.index, lsh.family, text, int, int) is
  'Where a search takes its candidates from: as the caller or the index wants it, else by the size of the table.';

create or replace function lsh_internal.ranking(index lsh.index, family lsh.family, wanted text)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  chosen text := coalesce(wanted, index.ranking,
    case when lsh_internal.estimates(family.kind) then 'estimate' else 'asymmetric' end);
begin
  if chosen = 'estimate' and not lsh_internal.estimates(family.kind) then
    raise exception 'codes of kind "%" estimate no distance', family.kind
      using errcode = 'invalid_parameter_value', hint = 'Rank them by "hamming" or "asymmetric"; kinds sign, itq and residual can.';
  elsif chosen <> 'estimate' and family.kind = 'residual' then
    raise exception 'codes of kind "residual" are not ranked by "%": they compare within a bucket only', chosen
      using errcode = 'invalid_parameter_value', hint = 'Leave the ranking out: distances are estimated.';
  end if;
  return chosen;
end
$$;

comment on function lsh_internal.ranking(lsh.index, lsh.family, text) is
  'How a search ranks codes: as the caller or the index wants it, else as well as the family allows.';

create or replace function lsh_internal.few(index lsh.index, plan lsh_internal.plan)
  returns text[]
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  most constant int := 5000;
  keys text[];
begin
  if plan.filter is null then
    -- Whoever lists keys has looked them up.
    return case when cardinality(plan.allowed) <= most then plan.allowed end;
  end if;
  execute format(
    'select array_agg(passing.key)
     from (
       select code.key::text as key
       from %1$s as source
         cross join lateral (values (source.%2$I)) as code (key)
       where %3$s
       limit %4$s
     ) as passing',
    lsh_internal.own_rows(index.relation), index.key_column, lsh_internal.condition(index, plan, 'source'), most + 1)
  into keys
  using null, null, plan.exclude, plan.allowed;
  return case when coalesce(cardinality(keys), 0) <= most then coalesce(keys, '{}') end;
end
$$;

comment on function lsh_internal.few(lsh.index, lsh_internal.plan) is
  'Keys of the rows that pass a filter where they are few enough to compare them all; else null.';

create or replace function lsh_internal.visit(index lsh.index, family lsh.family, query lsh_internal.query, plan lsh_internal.plan, probes int)
  returns int[]
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  enough int := 1;
  -- Rows that pass a filter may lie far from the query: then as many as are re-ranked, for the nearest among them.
  rows int := case when num_nonnulls(plan.filter, plan.allowed) > 0 then greatest(plan.k, plan.candidates) else plan.k end;
  visited lsh_internal.plan := plan;
  found boolean;
begin
  -- The first of 1, 4, 16 ... buckets that hold that many rows, whatever was asked for: so more probes never
  -- visit less. The limit makes the count stop there.
  while greatest(enough, probes) < family.bucket_count loop
    if visited.buckets is null or cardinality(visited.buckets) < greatest(enough, probes) then
      visited.buckets := lsh_internal.probes(family.id, family.token, query.vector, greatest(enough, probes));
    end if;
    execute format('select count(*) = %1$s from (select from %2$s as code where %3$s limit %1$s) as passing',
      rows, lsh_internal.codes_of(index), lsh_internal.condition(index, visited, 'code'))
    into found
    using null, visited.buckets[:enough], plan.exclude, plan.allowed;
    if found then
      return case family.bucket_kind
        when 'voronoi' then lsh_internal.within_reach(family.id, family.token, query.vector, visited.buckets, enough)
        else visited.buckets
      end;
    end if;
    enough := least(family.bucket_count, enough * 4);
  end loop;
  -- All of them: a plain scan is cheaper then, and it also finds codes whose bucket is off by rounding.
  return null;
end
$$;

comment on function lsh_internal.visit(lsh.index, lsh.family, lsh_internal.query, lsh_internal.plan, int) is
  'Buckets that hold enough rows which may be returned, starting from the wanted probes; null for all.';

create or replace function lsh_internal.plan_search(
  index lsh.index,
  family lsh.family,
  query lsh_internal.query,
  wanted lsh_internal.plan,
  probes int
)
  returns lsh_internal.plan
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  plan lsh_internal.plan := wanted;
  few text[];
begin
  plan.stage := lsh_internal.stage(index, family, wanted.stage, wanted.candidates, probes);
  plan.ranking := lsh_internal.ranking(index, family, wanted.ranking);
  plan.candidates := greatest(coalesce(wanted.candidates, index.candidates), wanted.k);
  if plan.stage <> 'exact' and num_nonnulls(plan.filter, plan.allowed) > 0 then
    few := lsh_internal.few(index, plan);
    if few is not null then
      plan.stage := 'exact';
      plan.allowed := few;
      plan.filter := null;
    end if;
  end if;
  if plan.stage = 'buckets' then
    -- The nearest that pass a filter lie in more buckets than the nearest of all.
    plan.buckets := lsh_internal.visit(index, family, query, plan,
      coalesce(probes, least(family.bucket_count, index.probes::bigint * case when num_nonnulls(plan.filter, plan.allowed) > 0 then 4 else 1 end)::int));
  end if;
  return plan;
end
$$;

comment on function lsh_internal.plan_search(lsh.index, lsh.family, lsh_internal.query, lsh_internal.plan, int) is
  'Completes what a caller wants of a search by the settings of the index, and finds the buckets to visit.';
