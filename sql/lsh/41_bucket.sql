create or replace function lsh._cells(family_id int, x vector, groups int)
  returns table (ordinal int, distance float8)
  language sql stable parallel safe
begin atomic
  select cell.ordinal, vector_l2_squared_distance(cell.weight, centered.value) as distance
  from (select lsh._centered(family_id, x) as value offset 0) as centered
    cross join lateral (
      select near.ordinal
      from lsh.projection as near
      where near.family_id = _cells.family_id
        and near.purpose = 'group'
      order by vector_l2_squared_distance(near.weight, centered.value), near.ordinal
      limit groups
    ) as parent
    join lsh.projection as cell
      on cell.family_id = _cells.family_id
      and cell.parent = parent.ordinal;
end;

comment on function lsh._cells(int, vector, int) is
  'Cells of the groups nearest to a vector, with their squared distances.';

create or replace function lsh._bucket(family_id int, x vector)
  returns int
  language sql stable parallel safe
begin atomic
  select case family.bucket_kind
    when 'voronoi' then (
      select cell.ordinal
      from lsh._cells(family_id, x, 2) as cell
      order by cell.distance, cell.ordinal
      limit 1)
    else (
      select coalesce(sum(
        case when inner_product(projection.weight, x - family.center) + projection.threshold > 0
          then (family.levels ^ (projection.ordinal / (family.levels - 1)))::int
          else 0
        end), 0)::int
      from lsh.projection
      where projection.family_id = _bucket.family_id
        and projection.purpose = 'bucket')
  end
  from lsh.family
  where family.id = _bucket.family_id;
end;

comment on function lsh._bucket(int, vector) is
  'Bucket of a vector: its cell, or the number that the levels of the bucket directions spell, the first the lowest digit.';

create or replace function lsh._hashed(family_id int, x vector)
  returns table (bucket int, code bit, norm real, scale real)
  language sql stable parallel safe
begin atomic
  -- How far a code is trusted (Gao and Long, SIGMOD 2024): <x, y> is about scale * sum of +-<w_i, y>.
  select
    own.bucket,
    margin.code,
    rest.norm,
    case
      when family.kind in ('sign', 'residual') then coalesce(rest.norm ^ 2 / nullif(margin.sizes, 0), 0)
      when family.kind = 'itq' then coalesce(margin.squares / nullif(margin.sizes, 0), 0)
    end::real
  from lsh.family
    cross join lateral (select lsh._bucket(family_id, x) as bucket offset 0) as own
    cross join lateral (
      select case when family.kind in ('sign', 'itq', 'residual') then vector_norm(lsh._rest(family_id, x, own.bucket)) end::real as norm
    ) as rest
    cross join lateral (
      select
        binary_quantize(array_agg(each.value order by each.ordinal)::vector) as code,
        sum(abs(each.value)) as sizes,
        sum(each.value ^ 2) as squares
      from lsh._margins(family_id, x, own.bucket) as each
    ) as margin
  where family.id = _hashed.family_id;
end;

comment on function lsh._hashed(int, vector) is
  'What a code table holds of a vector; its length (less the center of the family or, for residual, of its cell) and scale, from which distances are estimated, for kinds sign, itq and residual alone.';
