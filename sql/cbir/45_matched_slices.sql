create or replace function cbir.matched_slices(plan int, other int, space text, weights text default 'equal')
  returns table (
    item_id int, index int, position_mm real,
    other_item_id int, other_index int, other_position_mm real,
    distance float8, weight float8
  )
  language plpgsql stable parallel unsafe rows 100
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  perform cbir._assert_compared(matched_slices.plan, space, weights);
  perform cbir._assert_compared(matched_slices.other, space, weights);
  return query
    with candidate as materialized (
      select slices.item_id, slices.index, slices.position_mm, slices.vector
      from cbir._weighted_slices(array[matched_slices.other], space, weights) as slices
    )
    select own.item_id, own.index, own.position_mm,
      nearest.item_id, nearest.index, nearest.position_mm, nearest.distance, own.weight
    from cbir._weighted_slices(array[matched_slices.plan], space, weights) as own
      cross join lateral (
        select candidate.item_id, candidate.index, candidate.position_mm,
          @vector@.l2_distance(own.vector, candidate.vector) as distance
        from candidate
        order by distance, candidate.index
        limit 1
      ) as nearest
    order by own.index;
end
$$;

comment on function cbir.matched_slices(int, int, text, text) is
  'Lists the slices of a plan with the nearest slice of another plan, its distance and its weight. The sum of weight * distance is "forward" of cbir.similar_plans.';
