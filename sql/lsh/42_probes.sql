create or replace function lsh._digit_changes(family_id int, x vector)
  returns table (direction int, change int, cost float8)
  language sql stable parallel safe
begin atomic
  with slice as materialized (
    select
      projection.ordinal / (family.levels - 1) as direction,
      1 + projection.ordinal % (family.levels - 1) as level,
      inner_product(projection.weight, x - family.center) + projection.threshold as margin,
      (family.levels ^ (projection.ordinal / (family.levels - 1)))::int as place
    from lsh.family
      join lsh.projection
        on projection.family_id = family.id
        and projection.purpose = 'bucket'
    where family.id = _digit_changes.family_id
  )
  -- A boundary that lies above leads to the level above it, past those between; one below likewise.
  select
    slice.direction,
    (slice.place * case when slice.margin > 0 then -1 else 1 end * count(*) over (
      partition by slice.direction, slice.margin > 0
      order by case when slice.margin > 0 then -slice.level else slice.level end))::int,
    slice.margin ^ 2
  from slice;
end;

comment on function lsh._digit_changes(int, vector) is
  'By how much the number of the bucket changes for each other level of each direction, and the squared distance to that level.';

create or replace function lsh._number_probes(family_id int, x vector, count int)
  returns int[]
  language plpgsql stable parallel safe
  set search_path from current
as $$
declare
  buckets int[] := array[lsh._bucket(family_id, x)];
  costs float8[] := array[0];
  digit record;
begin
  -- The best changes among the first j directions contain the best among the first j - 1, so that
  -- keeping "count" of them after each loses none. Cost: squared margins (Lv et al., VLDB 2007).
  for digit in
    select change.direction,
      array_agg(change.change order by change.cost, change.change) as changes,
      array_agg(change.cost order by change.cost, change.change) as prices
    from lsh._digit_changes(_number_probes.family_id, x) as change
    group by change.direction
    order by min(change.cost), change.direction
  loop
    select array_agg(best.bucket order by best.cost, best.bucket), array_agg(best.cost order by best.cost, best.bucket)
    into buckets, costs
    from (
      select kept.bucket + option.change as bucket, kept.cost + option.price as cost
      from unnest(buckets, costs) as kept (bucket, cost)
        cross join unnest(0 || digit.changes, 0::float8 || digit.prices) as option (change, price)
      order by 2, 1
      limit _number_probes.count
    ) as best;
  end loop;
  return buckets;
end
$$;

comment on function lsh._number_probes(int, vector, int) is
  'Buckets of a query by the levels of bucket directions, best first.';

create or replace function lsh._cell_probes(family_id int, x vector, count int)
  returns int[]
  language plpgsql stable parallel safe
  set search_path from current
  -- Planned once a session: to plan these queries costs more than to run them, and to keep tuples for a
  -- group that comes up once costs as much as to read them.
  set plan_cache_mode = force_generic_plan
  set enable_memoize = off
as $$
declare
  buckets int[] := '{}';
  groups int := 4;
  centered vector := lsh._centered(family_id, x);
  total int := (
    select count(*)
    from lsh.projection
    where projection.family_id = _cell_probes.family_id
      and projection.purpose = 'group');
begin
  -- In rounds of twice as many groups, each of which lists as many cells: the sequence does not depend on
  -- how many are asked for, and few are asked for at the cost of few groups.
  loop
    buckets := buckets || array(
      select cell.ordinal
      from lsh._cells(_cell_probes.family_id, centered, groups) as cell
      where cell.ordinal not in (select unnest(buckets))
      order by cell.distance, cell.ordinal
      limit least(_cell_probes.count, case when groups < total then groups end) - cardinality(buckets));
    exit when groups >= total or cardinality(buckets) >= _cell_probes.count;
    groups := groups * 2;
  end loop;
  return buckets;
end
$$;

comment on function lsh._cell_probes(int, vector, int) is 'Cells of a query, the nearest first.';

create or replace function lsh._probes(family_id int, x vector, count int)
  returns int[]
  language plpgsql stable parallel safe
  set search_path from current
as $$
begin
  return case (select family.bucket_kind from lsh.family where family.id = _probes.family_id)
    when 'voronoi' then lsh._cell_probes(family_id, x, count)
    else lsh._number_probes(family_id, x, count)
  end;
end
$$;

comment on function lsh._probes(int, vector, int) is
  'Buckets of a query, best first; fewer than asked for where there are no more.';

create or replace function lsh._within_reach(family_id int, x vector, buckets int[], enough int)
  returns int[]
  language plpgsql stable parallel safe
  set search_path from current
as $$
declare
  centered vector := lsh._centered(family_id, x);
begin
  return (
    select array_agg(probe.bucket order by probe.place)
    from (
      select
        listed.bucket,
        listed.place,
        vector_l2_squared_distance(cell.weight, centered) as distance,
        min(vector_l2_squared_distance(cell.weight, centered)) over () as nearest
      from unnest(buckets) with ordinality as listed (bucket, place)
        join lsh.projection as cell
          on cell.family_id = _within_reach.family_id
          and cell.purpose = 'bucket'
          and cell.ordinal = listed.bucket
    ) as probe
    where probe.place <= enough
      or probe.distance <= probe.nearest * (1 + sqrt(cardinality(buckets)::float8 / probe.place) / 2));
end
$$;

comment on function lsh._within_reach(int, vector, int[], int) is
  'Of the cells that a query probes the first so many, and those near enough to visit: the i-th of n at most sqrt(1 + sqrt(n / i) / 2) times as far as the nearest.';
