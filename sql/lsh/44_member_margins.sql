-- Margins of a query of a residual family in the cells that it visits. They rank codes better than the bits alone, but take
-- longer, so only searches that need them compute them.

create or replace function lsh_internal.margin_edges(bits int)
  returns @vector@.vector[]
  language plpgsql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select array_fill((edge - 0.5) * lsh_internal.margin_step() / sqrt(bits), array[bits])::real[]::@vector@.vector
    from generate_series(1, 7) as edge
    order by edge);
end
$$;

comment on function lsh_internal.margin_edges(int) is
  'For each level from 1 to 7 of a margin, a vector whose elements are its lower edge, for margins whose squares sum to 1.';

create or replace function lsh_internal.margin_step()
  returns float8
  language sql immutable parallel safe
  return 0.35::float8;

comment on function lsh_internal.margin_step() is
  'Step of the margins of a query in a cell, in standard deviations: fifteen equal levels represent a normal variable best at about this step.';

create or replace function lsh_internal.margin_planes(margins @vector@.vector, edges @vector@.vector[])
  returns bit varying[]
  language plpgsql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  up constant @vector@.vector := @vector@.l2_normalize(margins);
  down constant @vector@.vector := @vector@.vector_sub(@vector@.vector_sub(up, up), up);
  above constant bit varying[] := array(
    select @vector@.binary_quantize(@vector@.vector_sub(up, edge)) | @vector@.binary_quantize(@vector@.vector_sub(down, edge))
    from unnest(edges) with ordinality as level (edge, place)
    order by place);
begin
  -- The number of edges below a size, in binary: the lowest bit is 1 if it is odd.
  return array[
    above[1] # above[2] # above[3] # above[4] # above[5] # above[6] # above[7],
    above[2] # above[4] # above[6],
    above[4]];
end
$$;

comment on function lsh_internal.margin_planes(@vector@.vector, @vector@.vector[]) is
  'Sizes of margins in steps from 0 to 7, as three bit planes, the lowest first.';

create or replace function lsh_internal.member_margins(
  family_id int, centered @vector@.vector, buckets int[], out planes bit varying[], out steps float8[]
)
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off set jit = off
as $$
declare
  products constant @vector@.vector := lsh_internal.products(member_margins.family_id, member_margins.centered);
  edges constant @vector@.vector[] := lsh_internal.margin_edges(@vector@.vector_dims(products));
begin
  select array_agg(part.plane order by part.place, member.place),
    array_agg(lsh_internal.margin_step() * @vector@.vector_norm(member.margins) / sqrt(@vector@.vector_dims(products))
      order by member.place) filter (where part.place = 1)
  into planes, steps
  from (
    select listed.place, @vector@.vector_sub(products, image.weight) as margins
    from unnest(member_margins.buckets) with ordinality as listed (bucket, place)
      cross join lateral (
        select near.weight
        from lsh.projection as near
        where near.family_id = member_margins.family_id
          and near.purpose = 'image'
          and near.ordinal = listed.bucket
        offset 0
      ) as image
    offset 0
  ) as member
    cross join lateral unnest(lsh_internal.margin_planes(member.margins, edges)) with ordinality as part (plane, place);
end
$$;

comment on function lsh_internal.member_margins(int, @vector@.vector, int[]) is
  'Sizes of the margins of a centred query of a residual family in some cells: three planes, each for all cells, and the step in each cell.';
