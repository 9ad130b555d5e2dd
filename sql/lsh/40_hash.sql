-- How vectors become codes. These functions read the directions of a family, so they work only when called by functions
-- that run with the rights of the owner of this schema. Scalar functions with queries inside are written in PL/pgSQL,
-- which caches their plans for the session: functions in SQL would be planned again for every row that is written.

create or replace function lsh_internal.cells(family_id int, centered @vector@.vector, groups int, reach float8)
  returns table (ordinal int, distance float8)
  language sql stable parallel safe
begin atomic
  select cell.ordinal, @vector@.vector_l2_squared_distance(cell.weight, centered) as distance
  from (
    select near.ordinal, near.distance, row_number() over nearest_first as place, first_value(near.distance) over nearest_first as least
    from (
      select above.ordinal, @vector@.vector_l2_squared_distance(above.weight, centered) as distance
      from lsh.projection as above
      where above.family_id = cells.family_id
        and above.purpose = 'group'
      order by 2, 1
      limit groups
    ) as near
    window nearest_first as (order by near.distance, near.ordinal)
  ) as parent
    join lsh.projection as cell
      on cell.family_id = cells.family_id
      and cell.purpose = 'bucket'
      and cell.parent = parent.ordinal
  where parent.place <= 4 or parent.distance <= cells.reach * parent.least;
end;

comment on function lsh_internal.cells(int, @vector@.vector, int, float8) is
  'Cells of the groups nearest to a centred vector, with their squared distances: of the four nearest groups, and of others up to "reach" times the squared distance of the nearest.';

create or replace function lsh_internal.bucket(family_id int, bucket_kind text, levels int, centered @vector@.vector)
  returns int
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
  -- Planned once per session: planning these queries costs more than running them.
  set plan_cache_mode = force_generic_plan
  set enable_memoize = off
as $$
begin
  if bucket_kind = 'voronoi' then
    return (
      select cell.ordinal
      from lsh_internal.cells(family_id, centered, 2, 1) as cell
      order by cell.distance, cell.ordinal
      limit 1);
  end if;
  return (
    select coalesce(sum(
      case when @vector@.inner_product(projection.weight, centered) + projection.threshold > 0
        then (levels ^ (projection.ordinal / (levels - 1)))::int
        else 0
      end), 0)
    from lsh.projection
    where projection.family_id = bucket.family_id
      and projection.purpose = 'bucket');
end
$$;

comment on function lsh_internal.bucket(int, text, int, @vector@.vector) is
  'Bucket of a centred vector: its cell, or the number whose digits, lowest first, are its levels along the bucket directions.';

create or replace function lsh_internal.rest(family_id int, kind text, centered @vector@.vector, bucket int)
  returns @vector@.vector
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_generic_plan
as $$
begin
  if not lsh_internal.within_cells(kind) then
    return centered;
  end if;
  return (
    select lsh_internal.difference(centered, cell.weight)
    from lsh.projection as cell
    where cell.family_id = rest.family_id
      and cell.purpose = 'bucket'
      and cell.ordinal = rest.bucket);
end
$$;

comment on function lsh_internal.rest(int, text, @vector@.vector, int) is
  'The part of a centred vector that is hashed: the vector itself, or its residual from the centre of its cell if codes describe residuals.';

create or replace function lsh_internal.margins(family_id int, rest @vector@.vector)
  returns table (ordinal int, value float8)
  language sql stable parallel safe
begin atomic
  -- Without a phase, the margin is the inner product itself.
  select
    projection.ordinal,
    case
      when projection.parent is not null then lsh_internal.level_margin(
        @vector@.inner_product(projection.weight, rest), projection.phase, projection.ordinal - projection.parent)
      when projection.phase is null then @vector@.inner_product(projection.weight, rest)
      else cos(@vector@.inner_product(projection.weight, rest) + projection.phase)
    end + projection.threshold as value
  from lsh.projection
  where projection.family_id = margins.family_id
    and projection.purpose = 'code';
end;

comment on function lsh_internal.margins(int, @vector@.vector) is
  'Margins of the bits of a code for a result of lsh_internal.rest: cos(<w, x> + b) + t for kernel and cosine, a distance along an axis for scalar, else <w, x> + t. A bit is the sign of its margin.';

create or replace function lsh_internal.products(family_id int, centered @vector@.vector)
  returns @vector@.vector
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off set jit = off
as $$
begin
  -- array(select ...) is faster than an aggregate with its own order, and the primary key returns the directions in
  -- their order. Sorting them, or scanning those of all families, would cost as much as the products.
  return array(
    select @vector@.inner_product(projection.weight, centered)
    from lsh.projection
    where projection.family_id = products.family_id
      and projection.purpose = 'code'
    order by projection.ordinal)::@vector@.vector;
end
$$;

comment on function lsh_internal.products(int, @vector@.vector) is
  'Inner products of a centred vector with the code directions.';

create or replace function lsh_internal.described(family_id int, rest @vector@.vector)
  returns table (code bit, planes bit[], step float8, size float8)
  language sql stable parallel safe
begin atomic
  with margin as materialized (
    select each.ordinal, each.value, abs(each.value) as size, max(abs(each.value)) over () / 7::float8 as step
    from lsh_internal.margins(family_id, rest) as each
  ),
  level as materialized (
    select margin.*, coalesce(floor(margin.size / nullif(margin.step, 0::float8) + 0.5::float8), 0::float8)::int as height
    from margin
  )
  select
    @vector@.binary_quantize(array_agg(level.value order by level.ordinal)::@vector@.vector),
    array[
      @vector@.binary_quantize(array_agg(level.height & 1 order by level.ordinal)::@vector@.vector),
      @vector@.binary_quantize(array_agg(level.height & 2 order by level.ordinal)::@vector@.vector),
      @vector@.binary_quantize(array_agg(level.height & 4 order by level.ordinal)::@vector@.vector)],
    max(level.step),
    sum(level.size)
  from level;
end;

comment on function lsh_internal.described(int, @vector@.vector) is
  'A hashed query for the rankings of codes: its code, the sizes of its margins in steps from 0 to 7 as three bit planes, the step, and the sum of the sizes.';
