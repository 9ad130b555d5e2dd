create or replace function lsh._cells(family_id int, centered vector, groups int)
  returns table (ordinal int, distance float8)
  language sql stable parallel safe
begin atomic
  select cell.ordinal, vector_l2_squared_distance(cell.weight, centered) as distance
  from (
    select near.ordinal
    from lsh.projection as near
    where near.family_id = _cells.family_id
      and near.purpose = 'group'
    order by vector_l2_squared_distance(near.weight, centered), near.ordinal
    limit groups
  ) as parent
    join lsh.projection as cell
      on cell.family_id = _cells.family_id
      and cell.parent = parent.ordinal;
end;

comment on function lsh._cells(int, vector, int) is
  'Cells of the groups nearest to a vector less the center of the family, with their squared distances.';

create or replace function lsh._bucket(family_id int, x vector)
  returns int
  language plpgsql stable parallel safe
  set search_path from current
  -- Planned once a session: to plan these queries costs more than to run them.
  set plan_cache_mode = force_generic_plan
  set enable_memoize = off
as $$
declare
  chosen_kind text;
  q int;
  rest vector;
begin
  select family.bucket_kind, family.levels, x - family.center
  into chosen_kind, q, rest
  from lsh.family
  where family.id = _bucket.family_id;
  if chosen_kind = 'voronoi' then
    return (
      select cell.ordinal
      from lsh._cells(_bucket.family_id, rest, 2) as cell
      order by cell.distance, cell.ordinal
      limit 1);
  end if;
  return (
    select coalesce(sum(
      case when inner_product(projection.weight, rest) + projection.threshold > 0
        then (q ^ (projection.ordinal / (q - 1)))::int
        else 0
      end), 0)
    from lsh.projection
    where projection.family_id = _bucket.family_id
      and projection.purpose = 'bucket');
end
$$;

comment on function lsh._bucket(int, vector) is
  'Bucket of a vector: its cell, or the number that the levels of the bucket directions spell, the first the lowest digit.';

create or replace function lsh._hashed(family_id int, x vector)
  returns table (bucket int, code bit, norm real, scale real)
  language plpgsql stable parallel safe
  set search_path from current
  set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  kind text;
  own int := lsh._bucket(_hashed.family_id, _hashed.x);
  rest vector := lsh._rest(_hashed.family_id, _hashed.x, own);
  products vector;
  size float8;
  sizes float8;
begin
  select family.kind into kind from lsh.family where family.id = _hashed.family_id;
  if not lsh._estimates(kind) then
    return query
      select
        own,
        binary_quantize(array(
          select margin.value from lsh._margins(_hashed.family_id, rest) as margin order by margin.ordinal)::vector),
        null::real,
        null::real;
    return;
  end if;
  -- The margins of these kinds are products alone. Sums of vectors take a fraction of what sums of rows take.
  products := lsh._products(_hashed.family_id, rest);
  size := vector_norm(rest);
  sizes := l1_distance(products, products - products);
  -- How far a code is trusted (Gao and Long, SIGMOD 2024): <x, y> is about scale * sum of +-<w_i, y>.
  return query
    select
      own,
      binary_quantize(products),
      size::real,
      coalesce(case kind when 'itq' then vector_norm(products) else size end ^ 2 / nullif(sizes, 0), 0)::real;
end
$$;

comment on function lsh._hashed(int, vector) is
  'What a code table holds of a vector; its length (less the center of the family or, for residual, of its cell) and scale, from which distances are estimated, for kinds sign, itq and residual alone.';
