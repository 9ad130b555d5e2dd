-- Codes of kind scalar: the levels of a vector along the axes of its family, as binary numbers.

create or replace function lsh_internal.level_margin(product float8, phase float8, below int)
  returns float8
  language sql immutable parallel safe
begin atomic
  -- In levels the bit is 1 where the whole part is odd, or, the highest, not negative; on the edge that of the level above.
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
  'Margin of a bit so many below the highest of its axis: how far a vector is along the axis from where the bit changes.';

create or replace function lsh_internal.scalar_code(family_id int, rest @vector@.vector)
  returns table (code bit, length float8)
  language plpgsql stable parallel safe rows 1
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_generic_plan set jit = off
as $$
begin
  return query
    with level as materialized (
      select projection.ordinal, projection.parent, made.product, 1 / sqrt(2 * projection.phase) as half,
        lsh_internal.level_margin(made.product, projection.phase, projection.ordinal - projection.parent) as margin
      from lsh.projection
        cross join lateral (select @vector@.inner_product(projection.weight, rest) as product offset 0) as made
      where projection.family_id = scalar_code.family_id
        and projection.purpose = 'code'
    ),
    axis as (
      select
        sum(case when level.margin > 0 then level.half else -level.half end) as value,
        sum(case when level.margin > 0 then level.product else -level.product end) as product
      from level
      group by level.parent
    )
    select
      (select @vector@.binary_quantize(array_agg(level.margin order by level.ordinal)::@vector@.vector) from level),
      (select sqrt(greatest(0, @vector@.inner_product(rest, rest) - 2 * sum(axis.product) + 2 * sum(axis.value ^ 2))) from axis);
end
$$;

comment on function lsh_internal.scalar_code(int, @vector@.vector) is
  'Code of a vector less the center of a scalar family, and the length of what the code stands for and of the rest, as if they were orthogonal.';

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
  'A query of a scalar family: the signs of its products with the directions, their sizes in steps as bit planes, the step, and the sum of the sizes.';
