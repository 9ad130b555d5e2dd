-- Codes of kind scalar: the levels of a vector along the axes of its family, as binary numbers.

create or replace function lsh_internal.level_margin(product float8, phase float8, below int)
  returns float8
  language sql immutable parallel safe
begin atomic
  -- In units of a level, the highest bit is 1 where the product is not negative, and any other bit where the integer
  -- part is odd. A product on the edge of two levels belongs to the upper one.
  select case when level.is_set then greatest(level.away, 1e-30::float8) else -level.away end
  from (
    select
      abs(product * phase - case when below = 0 then 0::float8
        else greatest(1 - 2::float8 ^ below, least(2::float8 ^ below - 1, floor(product * phase + 0.5::float8))) end)
        * sqrt(2::float8 / phase) as away,
      case when below = 0 then product >= 0
        else greatest(-(2::float8 ^ below), least(2::float8 ^ below - 1, floor(product * phase)))::int & 1 = 1 end as is_set
  ) as level;
end;

comment on function lsh_internal.level_margin(float8, float8, int) is
  'Margin of the bit "below" places under the highest bit of its axis: how far the vector is, along the axis, from the point where the bit changes.';

create or replace function lsh_internal.scalar_code(family_id int, rest @vector@.vector, cell int)
  returns table (code bit, length float8)
  language plpgsql stable parallel safe rows 1
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off set jit = off
as $$
#variable_conflict use_column
declare
  centre constant @vector@.vector := (
    select bucket.weight from lsh.projection as bucket
    where bucket.family_id = scalar_code.family_id and bucket.purpose = 'bucket' and bucket.ordinal = scalar_code.cell);
  apart constant @vector@.vector := lsh_internal.difference(rest, centre);
begin
  -- The weight of each bit of an axis is exactly half that of the next higher bit, and so is its product. So only the
  -- products of the highest bits are computed.
  return query
    with axis as materialized (
      select highest.ordinal as top, made.product, made.beside
      from lsh.projection as highest
        cross join lateral (
          select @vector@.inner_product(highest.weight, rest) as product, @vector@.inner_product(highest.weight, apart) as beside
          offset 0
        ) as made
      where highest.family_id = scalar_code.family_id
        and highest.purpose = 'code'
        and highest.parent = highest.ordinal
    ),
    level as materialized (
      select bit.ordinal, axis.top, 1 / sqrt(2 * bit.phase) as half, axis.beside / 2 ^ (bit.ordinal - axis.top) as beside,
        lsh_internal.level_margin(axis.product / 2 ^ (bit.ordinal - axis.top), bit.phase, bit.ordinal - axis.top) as margin
      from axis
        join lsh.projection as bit
          on bit.family_id = scalar_code.family_id
          and bit.purpose = 'code'
          and bit.parent = axis.top
    ),
    value as (
      -- A bit whose margin is 0 is not set.
      select
        sum(case when level.margin > 0 then level.half else -level.half end) as own,
        sum(case when level.margin > 0 then level.beside else -level.beside end) as beside
      from level
      group by level.top
    )
    select
      (select @vector@.binary_quantize(array_agg(level.margin order by level.ordinal)::@vector@.vector) from level),
      (select sqrt(greatest(0, @vector@.inner_product(rest, rest) + @vector@.inner_product(centre, centre)
        - 2 * sum(value.beside) + 2 * sum(value.own ^ 2))) from value);
end
$$;

comment on function lsh_internal.scalar_code(int, @vector@.vector, int) is
  'Code of the residual of a vector in its cell, and sqrt(|y|^2 + |x - y|^2), where x is the centred vector and y the vector that the code represents.';

create or replace function lsh_internal.described_finely(family_id int, centered @vector@.vector)
  returns table (code bit, planes bit[], step float8, size float8)
  language plpgsql stable parallel safe rows 1
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
  products constant @vector@.vector := lsh_internal.products(described_finely.family_id, described_finely.centered);
  numbers constant real[] := products::real[];
  planes constant int := lsh_internal.query_planes('scalar');
  most constant float8 := (select max(abs(number::float8)) from unnest(numbers) as number);
  heights constant int[] := array(
    select coalesce(floor(abs(number::float8) / nullif(most / (2 ^ planes - 1), 0) + 0.5), 0)::int from unnest(numbers) as number);
begin
  return query
    select
      @vector@.binary_quantize(products),
      array(
        select @vector@.binary_quantize(array(select (height >> plane) & 1 from unnest(heights) as height)::@vector@.vector)
        from generate_series(0, planes - 1) as plane),
      most / (2 ^ planes - 1),
      (select sum(abs(number::float8)) from unnest(numbers) as number);
end
$$;

comment on function lsh_internal.described_finely(int, @vector@.vector) is
  'A hashed query of a scalar family: the signs of its inner products with the directions, their sizes in steps as bit planes, the step, and the sum of the sizes.';
