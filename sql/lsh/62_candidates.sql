-- Parameters of every statement: $1 the query (lsh_internal.query), $2 excluded keys, $3 allowed keys.
-- Distances are written as l2_distance(...) and not as <->, for which the planner might use an approximate index on the
-- column, which returns too few rows. "cross join lateral (... offset 0)" forces a nested loop, whatever the statistics
-- of the tables are: rows of few keys are looked up, in the order of the keys.

create or replace function lsh_internal.weighted(code text, planes int)
  returns text
  language sql immutable parallel safe
begin atomic
  select '(' || string_agg(
      format('%s * bit_count((%s # ($1).code) & ($1).planes[%s])', 2::float8 ^ (plane - 1), code, plane), ' + ' order by plane) || ')'
  from generate_series(1, planes) as plane;
end;

comment on function lsh_internal.weighted(text, int) is
  'Expression for the sum of the margins of a query over the bits in which a code differs, in steps.';

create or replace function lsh_internal.scalar_candidates(index lsh.index, family lsh.family, plan lsh_internal.plan, count text)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- Without a shortlist: the weights of the bits differ so much that a coarse measure would select badly.
  return format(
    'select code.key, @vector@.hamming_distance(code.code, ($1).code::bit(%1$s))::int as hamming
     from unnest(($1).buckets, ($1).sizes) as probe (bucket, size)
       cross join lateral (
         select stored.key, stored.code, stored.norm
         from %2$s as stored
         where stored.bucket = probe.bucket
         offset 0
       ) as code
     where %3$s
     order by code.norm::float8 * code.norm - 2 * (probe.size - 2 * ($1).step * %4$s), code.key
     limit %5$s',
    family.bits, lsh_internal.codes_of(index), lsh_internal.listed(index, plan),
    lsh_internal.weighted('code.code', lsh_internal.query_planes('scalar')), count);
end
$$;

comment on function lsh_internal.scalar_candidates(lsh.index, lsh.family, lsh_internal.plan, text) is
  'Statement for the candidates among scalar codes: the squared norm of a row minus 2 <y, q>, where y is the vector that its code represents.';

create or replace function lsh_internal.candidates(index lsh.index, family lsh.family, plan lsh_internal.plan, count text)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  -- Cast to exactly the type of the codes: for another type, a user might have created a function of the same name in
  -- the schema of pgvector.
  own constant text := format('($1).code::bit(%s)', family.bits);
  weighted constant text := lsh_internal.weighted('shortlist.code', lsh_internal.query_planes(family.kind));
begin
  if family.kind = 'residual' then
    return lsh_internal.residual_candidates(index, family, plan, count);
  elsif family.kind = 'scalar' then
    return lsh_internal.scalar_candidates(index, family, plan, count);
  end if;
  -- The finer measure is computed outside, for the shortlist only: an operator that runs for every visited code costs
  -- time. Measuring several times as many codes costs less than reading as many vectors.
  return format(
    'select shortlist.key, @vector@.hamming_distance(shortlist.code, %7$s)::int as hamming
     from (
       select code.key, code.code, code.norm, code.scale
       from %1$s as code
       where %2$s%8$s
       order by %3$s
       limit %4$s * (%6$s)::bigint
     ) as shortlist
     order by %5$s, shortlist.key
     limit %6$s',
    lsh_internal.codes_of(index), lsh_internal.listed(index, plan),
    case
      when plan.stage = 'hnsw' then 'code.code operator(@vector@.<~>) ' || own
      -- Linear in the Hamming distance: within 1 % of the cosine in the range of near rows.
      when plan.ranking = 'estimate' then
        format('code.norm::float8 * code.norm - code.scale * (($1).size * pi() - ($1).size * %s::float8 * @vector@.hamming_distance(code.code, %s)), code.key',
          2 * pi() / family.bits, own)
      else 'bit_count(code.code # ($1).code), code.key'
    end,
    case when plan.ranking = 'hamming' and plan.stage <> 'hnsw' then 1 else 4 end,
    case plan.ranking
      when 'hamming' then 'hamming'
      when 'asymmetric' then weighted
      else format('shortlist.norm::float8 * shortlist.norm - shortlist.scale * 2 * (($1).size - 2 * ($1).step * %s)', weighted)
    end,
    count, own,
    case plan.stage when 'buckets' then ' and code.bucket = any (($1).buckets)' else '' end);
end
$$;

comment on function lsh_internal.candidates(lsh.index, lsh.family, lsh_internal.plan, text) is
  'Statement for the candidates of a search: the best codes by a coarse measure, and the best of those by a finer one; estimate follows Gao and Long, SIGMOD 2024.';

create or replace function lsh_internal.passing(index lsh.index, plan lsh_internal.plan, listed text)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- Tests rows in the order of the candidates until enough of them pass.
  return case when plan.tested is null then listed else format(
    'select listed.* from (%s) as listed %s limit %s',
    listed,
    case when plan.filter is not null then format(
      'cross join lateral (select from %s as source where source.%I = listed.key and (%s) offset 0) as row_passes',
      lsh_internal.own_rows(index.relation), index.key_column, plan.filter) end,
    plan.candidates) end;
end
$$;

comment on function lsh_internal.passing(lsh.index, lsh_internal.plan, text) is
  'Statement for those candidates of another statement whose rows pass the filter of a search.';

create or replace function lsh_internal.ranked(index lsh.index, candidates text, k text)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return format(
    'with candidate as materialized (%1$s)
     select array_agg(ranked.key::text), array_agg(ranked.distance), array_agg(ranked.hamming), (select count(*) from candidate)
     from (
       select candidate.key, found.distance, candidate.hamming
       from candidate
         cross join lateral (
           select @vector@.l2_distance(%2$s, ($1).vector) as distance
           from %3$s as source
           where source.%4$I = candidate.key
           offset 0
         ) as found
       order by found.distance, candidate.key
       limit %5$s
     ) as ranked',
    candidates, lsh_internal.vector_expression(index, 'source'), lsh_internal.own_rows(index.relation), index.key_column, k);
end
$$;

comment on function lsh_internal.ranked(lsh.index, text, text) is
  'Statement for the k nearest of some candidates by exact distance: keys, distances and Hamming distances as arrays, and how many candidates there were.';
