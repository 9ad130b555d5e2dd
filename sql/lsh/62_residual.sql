-- Candidates among residual codes. The query has a code of its own in each cell, and so margins too.

create or replace function lsh_internal.member_arrays()
  returns text
  language sql immutable parallel safe
begin atomic
  -- Planes are null unless the query was hashed finely.
  select 'unnest(($1).buckets, ($1).distances, ($1).sizes, ($1).codes, ($1).steps, ' || string_agg(
      format('($1).planes[1 + %1$s * cardinality(($1).buckets) : %2$s * cardinality(($1).buckets)]', plane - 1, plane),
      ', ' order by plane) || ')'
  from generate_series(1, 3) as plane;
end;

comment on function lsh_internal.member_arrays() is
  'Expression for the cells that a query visits: bucket, squared distance, size, code, step and three planes of margins.';

create or replace function lsh_internal.member_estimate(member text)
  returns text
  language sql immutable parallel safe
  return format(
    '%1$s.distance + %1$s.norm * %1$s.norm - 2 * %1$s.scale * (%1$s.size - 2 * %1$s.step * (
       bit_count((%1$s.stored # %1$s.code) & %1$s.low) + 2 * bit_count((%1$s.stored # %1$s.code) & %1$s.middle)
         + 4 * bit_count((%1$s.stored # %1$s.code) & %1$s.high)))', member);

comment on function lsh_internal.member_estimate(text) is
  'Expression for the squared distance that a row of lsh_internal.visited_members estimates by the margins of the query in the cell of the code.';

create or replace function lsh_internal.visited_members(index lsh.index, plan lsh_internal.plan, by_margins boolean)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- With "offset 0" each Hamming distance is computed once. The squares of 4-byte numbers might leave their range, so
  -- norms are converted first.
  return format(
    'select code.key, code.norm::float8 as norm, code.scale, probe.distance, probe.size,
       @vector@.hamming_distance(code.code, probe.code) as hamming%1$s
     from %2$s
       cross join lateral (
         select stored.key, stored.code, stored.norm, stored.scale
         from %3$s as stored
         where stored.bucket = probe.bucket
         offset 0
       ) as code
     where %4$s
     offset 0',
    case when by_margins then ', code.code as stored, probe.code, probe.step, probe.low, probe.middle, probe.high' end,
    case when by_margins then lsh_internal.member_arrays() || ' as probe (bucket, distance, size, code, step, low, middle, high)'
      else 'unnest(($1).buckets, ($1).codes, ($1).distances, ($1).sizes) as probe (bucket, code, distance, size)' end,
    lsh_internal.codes_of(index), lsh_internal.listed(index, plan));
end
$$;

comment on function lsh_internal.visited_members(lsh.index, lsh_internal.plan, boolean) is
  'Statement for the codes of the cells that a query visits, with the values of the query in the cell of each code.';

create or replace function lsh_internal.residual_candidates(index lsh.index, family lsh.family, plan lsh_internal.plan, count text)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  by_margins constant boolean := plan.ranking = 'asymmetric';
  visited constant text := lsh_internal.visited_members(index, plan, by_margins);
  coarse constant text := format(
    'visited.distance + visited.norm * visited.norm
       - visited.scale * (visited.size * pi() - visited.size * %s::float8 * visited.hamming), visited.key', 2 * pi() / family.bits);
begin
  if not by_margins then
    return format('select visited.key, visited.hamming::int as hamming from (%s) as visited order by %s limit %s', visited, coarse, count);
  end if;
  return format(
    'select shortlist.key, shortlist.hamming::int as hamming
     from (select * from (%s) as visited order by %s limit 4 * (%s)::bigint) as shortlist
     order by %s, shortlist.key
     limit %3$s',
    visited, coarse, count, lsh_internal.member_estimate('shortlist'));
end
$$;

comment on function lsh_internal.residual_candidates(lsh.index, lsh.family, lsh_internal.plan, text) is
  'Statement for the candidates by |x - c|^2 + |q - c|^2 - 2 <x - c, q - c>. The last term is estimated by the Hamming distance and, to rank by margins, for a shortlist by these.';
