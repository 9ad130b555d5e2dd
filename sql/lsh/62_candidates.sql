-- Parameters of every statement: $1 code, $2 buckets, $3 keys left out, $4 allowed keys, $5 token of the family, $6 to $8
-- planes, $9 step and $10 size of the margins, $11 query, $12 query less the center and $13 its products with the code
-- directions.
-- Distances are written l2_distance(...) and not <->, which an approximate index on the column would take for its own and
-- answer short.

create or replace function lsh_internal.residual_candidates(index lsh.index, family lsh.family, plan lsh_internal.plan)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  elsewhere lsh_internal.plan := plan;
begin
  elsewhere.buckets := null;
  -- "offset 0" has each Hamming distance computed once. Squares of 4-byte numbers may leave their range.
  return format(
    'select key, hamming::int
     from (
       select code.key, code.norm::float8 as norm, code.scale, probe.distance, probe.size,
         @vector@.hamming_distance(code.code, probe.code) as hamming
       from lsh_internal.members(%1$s, $5, $2, $12, $13) as probe
         join %2$s as code on code.bucket = probe.bucket
       where %3$s
       offset 0
     ) as visited
     order by distance + norm * norm - scale * (size * pi() - size * %4$s::float8 * hamming), key
     limit %5$s',
    family.id, lsh_internal.codes_of(index), lsh_internal.condition(index, elsewhere, 'code'), 2 * pi() / family.bits, plan.candidates);
end
$$;

comment on function lsh_internal.residual_candidates(lsh.index, lsh.family, lsh_internal.plan) is
  'Statement for the candidates among residual codes: |x - c|^2 + |q - c|^2 - 2 <x - c, q - c>, the last by half the circle for half the bits.';

create or replace function lsh_internal.candidates(index lsh.index, family lsh.family, plan lsh_internal.plan)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  -- A finer measure of several times as many codes costs less than reading as many vectors.
  shortlist constant bigint := 4 * plan.candidates::bigint;
  -- Of the very type of the codes: for another one somebody might have planted a function of the same name beside pgvector's.
  own constant text := format('$1::bit(%s)', family.bits);
  weighted constant text :=
    '(bit_count((code # $1) & $6) + 2 * bit_count((code # $1) & $7) + 4 * bit_count((code # $1) & $8))';
begin
  if family.kind = 'residual' then
    return lsh_internal.residual_candidates(index, family, plan);
  end if;
  -- What is computed of the shortlist alone stands outside: of a code that is visited each operator counts.
  return format(
    'select key, @vector@.hamming_distance(code, %7$s)::int as hamming
     from (
       select code.key, code.code, code.norm, code.scale
       from %1$s as code
       where %2$s
       order by %3$s
       limit %4$s
     ) as shortlist
     order by %5$s, key
     limit %6$s',
    lsh_internal.codes_of(index), lsh_internal.condition(index, plan, 'code'),
    case
      when plan.stage = 'hnsw' then 'code.code operator(@vector@.<~>) ' || own
      -- Half the circle for half the bits: within 1 % of the cosine where neighbours are told apart.
      when plan.ranking = 'estimate' then
        format('code.norm::float8 * code.norm - code.scale * ($10 * pi() - $10 * %s::float8 * @vector@.hamming_distance(code.code, %s)), code.key',
          2 * pi() / family.bits, own)
      else 'bit_count(code.code # $1), code.key'
    end,
    case when plan.ranking = 'hamming' and plan.stage <> 'hnsw' then plan.candidates else shortlist end,
    case plan.ranking
      when 'hamming' then 'hamming'
      when 'asymmetric' then weighted
      else format('norm::float8 * norm - scale * 2 * ($10 - 2 * $9 * %s)', weighted)
    end,
    plan.candidates, own);
end
$$;

comment on function lsh_internal.candidates(lsh.index, lsh.family, lsh_internal.plan) is
  'Statement for the candidates of a search: the best codes by a coarse measure, and the best of those by a finer one; estimate follows Gao and Long, SIGMOD 2024.';
