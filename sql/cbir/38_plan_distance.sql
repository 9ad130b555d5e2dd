create or replace function cbir._weighted_slices(plans int[], space text, weights text)
  returns table (plan_id int, item_id int, index int, position_mm real, vector @vector@.vector, weight float8)
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return query execute format(
    'with weighed as (
       select member.plan_id, member.item_id, member.index, member.position_mm, features.embedding,
         case $2 when ''dose'' then member.dose_mean_gy::float8 else 1 end as weight
       from cbir._member as member
         join space.%I as features on features.item_id = member.item_id
       where member.plan_id = any($1)
         -- In such a space all slices without dose have the same vector: they would only measure how long a scan is.
         and (not $3 or member.dose_mean_gy > 0)
     )
     select weighed.plan_id, weighed.item_id, weighed.index, weighed.position_mm, weighed.embedding,
       -- In a plan without any dose, all slices have the same weight.
       coalesce(weighed.weight / nullif(sum(weighed.weight) over plan, 0), 1 / (count(*) over plan)::float8)
     from weighed
     window plan as (partition by weighed.plan_id)', space)
  using plans, weights, cbir._sees_only_dose(space);
end
$$;

comment on function cbir._weighted_slices(int[], text, text) is
  'Encoded slices of plans with their weights; the weights of a plan sum to 1.';

create or replace function cbir._mean_nearest(vectors @vector@.vector[], weights float8[], others @vector@.vector[])
  returns float8
  language sql immutable parallel safe
begin atomic
  select sum(own.weight * nearest.distance)
  from unnest(vectors, weights) as own (vector, weight)
    cross join lateral (
      select min(@vector@.l2_distance(own.vector, other.vector)) as distance
      from unnest(others) as other (vector)
    ) as nearest;
end;

comment on function cbir._mean_nearest(@vector@.vector[], float8[], @vector@.vector[]) is
  'Weighted mean of the distance from each vector to the nearest of others.';

create or replace function cbir._matched(vectors @vector@.vector[], others @vector@.vector[])
  returns int
  language sql immutable parallel safe
begin atomic
  select count(distinct nearest.place)::int
  from unnest(vectors) as own (vector)
    cross join lateral (
      select other.place
      from unnest(others) with ordinality as other (vector, place)
      order by @vector@.l2_distance(own.vector, other.vector), other.place
      limit 1
    ) as nearest;
end;

comment on function cbir._matched(@vector@.vector[], @vector@.vector[]) is
  'Number of others that are the nearest of at least one vector.';

create or replace function cbir._assert_compared(plan int, space text, weights text)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if weights is null or weights not in ('equal', 'dose') then
    raise exception 'invalid weights "%"', coalesce(weights, 'null')
      using errcode = 'invalid_parameter_value', hint = 'The weights are: equal, dose.';
  elsif not exists (select from cbir.space as registered where registered.name = _assert_compared.space) then
    raise exception 'space "%" does not exist', coalesce(space, 'null')
      using errcode = 'LSH01', hint = 'List the spaces with "select name from cbir.space".';
  elsif not exists (select from cbir.plan as stored where stored.id = _assert_compared.plan) then
    raise exception 'plan % does not exist', coalesce(plan::text, 'null')
      using errcode = 'LSH01', hint = 'List the plans with "select plan_id, plan from cbir.plans".';
  elsif not exists (select from cbir._weighted_slices(array[plan], space, weights)) then
    raise exception 'plan % has no features in space "%"', plan, space
      using errcode = 'LSH03',
        hint = format('Encode its slices: "pg-lsh encode --space %s"; an item without dose only has features in spaces of CT.', space);
  end if;
end
$$;

comment on function cbir._assert_compared(int, text, text) is
  'Raises unless a plan has features in a space and the weights of slices are valid.';
