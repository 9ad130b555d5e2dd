-- Searches without re-ranking (candidates => 0) return the distances that codes estimate. They read no vectors, and the
-- table only for a filter. Every visited code is weighted by all planes of the query.

create or replace function lsh_internal.plan_estimates(
  index lsh.index, family lsh.family, wanted lsh_internal.plan, stage text, probes int
)
  returns lsh_internal.plan
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  plan lsh_internal.plan := wanted;
begin
  if not lsh_internal.estimates(family.kind) then
    raise exception 'codes of kind "%" do not estimate distances', family.kind
      using errcode = 'feature_not_supported',
            hint = 'Search with candidates of 1 or more, or use a family of kind scalar, residual, itq or sign.';
  elsif lsh_internal.is_distributed(index) then
    raise exception 'index "%" is distributed, and its codes cannot be searched without vectors', index.name
      using errcode = 'feature_not_supported', hint = 'Search with candidates of 1 or more.';
  elsif index.state <> 'ready' then
    raise exception 'index "%" is %: some of its rows may lack a valid code', index.name, index.state
      using errcode = 'object_not_in_prerequisite_state', hint = 'Build or mend it first, or leave the candidates out.';
  elsif plan_estimates.stage in ('exact', 'hnsw') or wanted.ranking <> 'estimate' then
    raise exception 'a search with candidates => 0 allows only stages "buckets" and "scan" and ranking "estimate"'
      using errcode = 'invalid_parameter_value', hint = 'Use stage buckets or scan, and ranking estimate if the index has another one.';
  end if;
  plan.estimated := true;
  plan.candidates := plan.k;
  if plan.stage not in ('buckets', 'scan') then
    plan.stage := case when plan_estimates.probes is not null then 'buckets'
      else lsh_internal.stage_by_size(index.codes, family.bits, family.dims, 0) end;
  end if;
  return plan;
end
$$;

comment on function lsh_internal.plan_estimates(lsh.index, lsh.family, lsh_internal.plan, text, int) is
  'Plan of a search that reads no vectors. Raises an error if the codes do not estimate distances.';

create or replace function lsh_internal.estimating(index lsh.index, family lsh.family, plan lsh_internal.plan, count text)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  weighted constant text := lsh_internal.weighted('code.code', lsh_internal.query_planes(family.kind));
  -- The codes of the visited cells, with the part of the estimate that the cell adds.
  within constant text := format(
    'unnest(($1).buckets, ($1).sizes) as probe (bucket, size)
       cross join lateral (
         select stored.key, stored.code, stored.norm from %s as stored where stored.bucket = probe.bucket offset 0
       ) as code', lsh_internal.codes_of(index));
begin
  -- Estimates of squared distances may be negative.
  if family.kind = 'residual' then
    return format(
      'select listed.key, listed.hamming::int as hamming, sqrt(greatest(0, listed.square)) as distance
       from (select visited.key, visited.hamming, %s as square from (%s) as visited offset 0) as listed
       order by listed.square, listed.key
       limit %s',
      lsh_internal.member_estimate('visited'), lsh_internal.visited_members(index, plan, true), count);
  end if;
  return format(
    'select listed.key, listed.hamming::int as hamming, sqrt(greatest(0, listed.square)) as distance
     from (
       select code.key, @vector@.hamming_distance(code.code, %1$s) as hamming, %2$s as square
       from %3$s
       where %4$s
       offset 0
     ) as listed
     order by listed.square, listed.key
     limit %5$s',
    format('($1).code::bit(%s)', family.bits),
    case family.kind
      when 'scalar' then format(
        '($1).length ^ 2 + code.norm::float8 * code.norm - 2 * (probe.size - 2 * ($1).step * %s)', weighted)
      else format(
        '($1).length ^ 2 + code.norm::float8 * code.norm - 2 * code.scale * (($1).size - 2 * ($1).step * %s)', weighted)
    end,
    case when lsh_internal.within_cells(family.kind) then within else lsh_internal.codes_of(index) || ' as code' end,
    lsh_internal.listed(index, plan)
      || case when plan.stage = 'buckets' and not lsh_internal.within_cells(family.kind) then ' and code.bucket = any (($1).buckets)' else '' end,
    count);
end
$$;

comment on function lsh_internal.estimating(lsh.index, lsh.family, lsh_internal.plan, text) is
  'Statement for the nearest codes with the distances that they estimate: |x - q|^2 from both norms and the estimated inner product.';

create or replace function lsh_internal.listed_by_estimate(listed text)
  returns text
  language sql immutable parallel safe
begin atomic
  select format(
    'select array_agg(near.key::text order by near.place), array_agg(near.distance order by near.place),
       array_agg(near.hamming order by near.place), count(*)
     from (
       select found.key, found.hamming, found.distance, row_number() over () as place
       from (%s) as found
     ) as near', listed);
end;

comment on function lsh_internal.listed_by_estimate(text) is
  'Statement for the rows of lsh_internal.estimating as arrays: keys, distances and Hamming distances in their order, and the number of rows.';
