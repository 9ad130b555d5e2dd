-- Scalar functions with queries inside are written in PL/pgSQL here, which keeps their plans for the session:
-- those of language sql would be planned again for every row that is written and every query that is asked.

create or replace function lsh._centered(family_id int, x vector)
  returns vector
  language plpgsql stable parallel safe
  set search_path from current
as $$
begin
  return x - (select family.center from lsh.family where family.id = _centered.family_id);
end
$$;

comment on function lsh._centered(int, vector) is 'A vector less the center of a family.';

create or replace function lsh._rest(family_id int, x vector, bucket int)
  returns vector
  language plpgsql stable parallel safe
  set search_path from current
  set plan_cache_mode = force_generic_plan
as $$
declare
  family_kind text;
  rest vector;
begin
  select family.kind, x - family.center
  into family_kind, rest
  from lsh.family
  where family.id = _rest.family_id;
  if family_kind = 'residual' then
    rest := rest - (
      select cell.weight
      from lsh.projection as cell
      where cell.family_id = _rest.family_id
        and cell.purpose = 'bucket'
        and cell.ordinal = _rest.bucket);
  end if;
  return rest;
end
$$;

comment on function lsh._rest(int, vector, int) is
  'What of a vector is hashed: the vector less the center of the family and, of a residual family, less that of the cell.';

create or replace function lsh._margins(family_id int, rest vector)
  returns table (ordinal int, value float8)
  language sql stable parallel safe
begin atomic
  -- A projection without a phase is taken as it is.
  select
    projection.ordinal,
    case
      when projection.phase is null then inner_product(projection.weight, rest)
      else cos(inner_product(projection.weight, rest) + projection.phase)
    end + projection.threshold as value
  from lsh.projection
  where projection.family_id = _margins.family_id
    and projection.purpose = 'code';
end;

comment on function lsh._margins(int, vector) is
  'Margin of each bit of a code, of what lsh._rest leaves of a vector: cos(<w, x> + b) + t for kernel and cosine, <w, x> + t for other kinds; the bit is its sign.';

create or replace function lsh._products(family_id int, centered vector)
  returns vector
  language plpgsql stable parallel safe
  set search_path from current
  set plan_cache_mode = force_generic_plan
as $$
begin
  -- An array of a query takes less time than an aggregate with an order of its own.
  return array(
    select inner_product(projection.weight, centered)
    from lsh.projection
    where projection.family_id = _products.family_id
      and projection.purpose = 'code'
    order by projection.ordinal)::vector;
end
$$;

comment on function lsh._products(int, vector) is
  'Inner products of a vector less the center of the family with the code directions.';

create or replace function lsh._code(family_id int, x vector, bucket int)
  returns bit
  language plpgsql stable parallel safe
  set search_path from current
as $$
declare
  rest vector := lsh._rest(family_id, x, bucket);
begin
  return binary_quantize(array(
    select margin.value
    from lsh._margins(_code.family_id, rest) as margin
    order by margin.ordinal)::vector);
end
$$;

comment on function lsh._code(int, vector, int) is
  'Code, of a residual family as of a member of that bucket: bit i is 1 where its margin is positive.';

create or replace function lsh._described(family_id int, x vector, bucket int)
  returns table (code bit, planes bit[], step float8, size float8)
  language sql stable parallel safe
begin atomic
  with margin as materialized (
    select each.ordinal, each.value, abs(each.value) as size, max(abs(each.value)) over () / 7 as step
    -- "offset 0" keeps the subtraction out of the loop over the bits.
    from (select lsh._rest(family_id, x, bucket) as value offset 0) as rest
      cross join lateral lsh._margins(family_id, rest.value) as each
  ),
  level as materialized (
    select margin.*, coalesce(floor(margin.size / nullif(margin.step, 0) + 0.5), 0)::int as height
    from margin
  )
  select
    binary_quantize(array_agg(level.value order by level.ordinal)::vector),
    array[
      binary_quantize(array_agg(level.height & 1 order by level.ordinal)::vector),
      binary_quantize(array_agg(level.height & 2 order by level.ordinal)::vector),
      binary_quantize(array_agg(level.height & 4 order by level.ordinal)::vector)],
    max(level.step),
    sum(level.size)
  from level;
end;

comment on function lsh._described(int, vector, int) is
  'A query as rankings of codes want it: its code, its margins in steps of 0 to 7 as three bit planes, the step, and the sum of the margins.';
