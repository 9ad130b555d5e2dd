create or replace function lsh_internal.digit_changes(family_id int, levels int, centered @vector@.vector)
  returns table (direction int, change int, cost float8)
  language sql stable parallel safe
begin atomic
  with slice as materialized (
    select
      projection.ordinal / (levels - 1) as direction,
      1 + projection.ordinal % (levels - 1) as level,
      @vector@.inner_product(projection.weight, centered) + projection.threshold as margin,
      (levels ^ (projection.ordinal / (levels - 1)))::int as place
    from lsh.projection
    where projection.family_id = digit_changes.family_id
      and projection.purpose = 'bucket'
  )
  -- To cross a boundary above the query is to reach the level above it, past all boundaries between; likewise below.
  select
    slice.direction,
    (slice.place * case when slice.margin > 0::float8 then -1 else 1 end * count(*) over (
      partition by slice.direction, slice.margin > 0::float8
      order by case when slice.margin > 0::float8 then -slice.level else slice.level end))::int,
    slice.margin ^ 2::float8
  from slice;
end;

comment on function lsh_internal.digit_changes(int, int, @vector@.vector) is
  'For each other level of each direction, the change of the bucket number and the squared distance to that level.';

create or replace function lsh_internal.number_probes(family_id int, bucket_kind text, levels int, centered @vector@.vector, count int)
  returns int[]
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  buckets int[] := array[lsh_internal.bucket(family_id, bucket_kind, levels, centered)];
  costs float8[] := array[0];
  digit record;
begin
  -- Each of the best combinations of changes in the first j directions extends one of the best in the first j - 1. So
  -- keeping "count" of them after each direction loses none. Cost: squared margins (Lv et al., VLDB 2007).
  for digit in
    select change.direction,
      array_agg(change.change order by change.cost, change.change) as changes,
      array_agg(change.cost order by change.cost, change.change) as prices
    from lsh_internal.digit_changes(number_probes.family_id, number_probes.levels, number_probes.centered) as change
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
      limit number_probes.count
    ) as best;
  end loop;
  return buckets;
end
$$;

comment on function lsh_internal.number_probes(int, text, int, @vector@.vector, int) is
  'Buckets to visit for a query, best first, where buckets are levels of directions.';

create or replace function lsh_internal.near_cells(
  family_id int, centered @vector@.vector, count int, out buckets int[], out distances float8[]
)
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
  -- Planned once per session: planning these queries costs more than running them. Memoize saves nothing, because each
  -- group is read once. Cells are read by their group and groups by their key, because scanning the directions of all
  -- families costs as much as computing the distances.
  set plan_cache_mode = force_generic_plan set enable_memoize = off
  set enable_seqscan = off set enable_bitmapscan = off set jit = off
as $$
declare
  groups int := 4;
  -- Groups beyond twice the squared distance of the nearest group seldom contain one of the nearest cells. They are
  -- read only if the other groups contain too few cells.
  reach float8 := 2;
begin
  while 2 * groups < count loop
    groups := 2 * groups;
  end loop;
  loop
    select array_agg(cell.ordinal), array_agg(cell.distance)
    into near_cells.buckets, near_cells.distances
    from (
      select cell.ordinal, cell.distance
      from lsh_internal.cells(near_cells.family_id, near_cells.centered, groups, reach) as cell
      order by cell.distance, cell.ordinal
      limit near_cells.count
    ) as cell;
    exit when cardinality(buckets) >= count;
    if reach = 'infinity' then
      exit when groups >= (select family.bucket_count from lsh.family where family.id = near_cells.family_id);
      groups := 2 * groups;
    end if;
    reach := 'infinity';
  end loop;
end
$$;

comment on function lsh_internal.near_cells(int, @vector@.vector, int) is
  'The nearest cells of a centred vector, nearest first, with their squared distances. Reads half as many groups, but at least four, and far groups only if there are too few cells.';

create or replace function lsh_internal.probes_that_read(family_id int, token uuid, x @vector@.vector, buckets int[])
  returns float8[]
  language plpgsql stable parallel safe security definer
  set search_path = pg_catalog, pg_temp
as $$
declare
  centered @vector@.vector;
begin
  perform lsh_internal.assert_token(family_id, token);
  centered := (select lsh_internal.difference(x, family.center) from lsh.family where family.id = family_id);
  -- The groups that lsh_internal.near_cells reads, solved for the number of probes.
  return array(
    select case
      when parent.place <= 4 then 1
      when parent.distance > 2 * parent.least then 'infinity'
      else 2 ^ ceil(log(2, parent.place::numeric)) + 1
    end::float8
    from unnest(probes_that_read.buckets) with ordinality as listed (bucket, place)
      join lsh.projection as cell
        on cell.family_id = probes_that_read.family_id
        and cell.purpose = 'bucket'
        and cell.ordinal = listed.bucket
      join (
        select near.ordinal, near.distance, row_number() over nearest_first as place, first_value(near.distance) over nearest_first as least
        from (
          select above.ordinal, @vector@.vector_l2_squared_distance(above.weight, centered) as distance
          from lsh.projection as above
          where above.family_id = probes_that_read.family_id and above.purpose = 'group'
        ) as near
        window nearest_first as (order by near.distance, near.ordinal)
      ) as parent on parent.ordinal = cell.parent
    order by listed.place);
end
$$;

comment on function lsh_internal.probes_that_read(int, uuid, @vector@.vector, int[]) is
  'For each of some cells, the number of probes at which a search for a vector reads its group; infinity for groups that are too far.';

create or replace function lsh_internal.probes(family_id int, token uuid, x @vector@.vector, count int)
  returns int[]
  language plpgsql stable parallel safe security definer
  set search_path = pg_catalog, pg_temp
as $$
declare
  bucket_kind text;
  levels int;
  centered @vector@.vector;
begin
  select family.bucket_kind, family.levels, lsh_internal.difference(x, family.center)
  into bucket_kind, levels, centered
  from lsh.family
  where family.id = probes.family_id
    and family.token = probes.token;
  if bucket_kind is null then
    perform lsh_internal.assert_token(family_id, token);
  end if;
  return case bucket_kind
    when 'voronoi' then (select near.buckets from lsh_internal.near_cells(family_id, centered, count) as near)
    else lsh_internal.number_probes(family_id, bucket_kind, levels, centered, count)
  end;
end
$$;

comment on function lsh_internal.probes(int, uuid, @vector@.vector, int) is
  'Buckets to visit for a query, best first; fewer than requested if the family has no more.';
