create or replace function cbir._eligible_plans(plan int, exclude_same_patient boolean, allowed int[], filter jsonb)
  returns int[]
  language sql stable
begin atomic
  select array(
    select other.id
    from cbir.plan as own
      join cbir.plan as other on other.id <> own.id
    where own.id = plan
      and not (exclude_same_patient and other.patient_id = own.patient_id)
      -- Subqueries are hashed; an array would be scanned for each plan.
      and (allowed is null or other.id in (select unnest(allowed)))
      and (filter is null or other.id in (select unnest(cbir._plans_where(filter))))
    order by other.id
  );
end;

comment on function cbir._eligible_plans(int, boolean, int[], jsonb) is
  'Plans that a query by a plan may return, encoded or not.';

create or replace function cbir._candidate_plans(
  index lsh.index, plan int, space text, weights text, eligible int[], candidates int
)
  returns int[]
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  -- Number of slices of the query that are searched with. More are not needed, since neighbouring slices find the same
  -- plans.
  sampled constant int := 16;
  -- A quarter of the probes suffices: neighbours that one slice misses are found by others.
  probes int := greatest(1, index.probes / 4);
  -- Enough rows that, without those of plans that are not eligible, twice as many are left as candidates are wanted.
  rows int := ceil(2.0 * candidates * (select count(*) from cbir.plan) / cardinality(eligible));
  own text[] := array(
    select slice.item_id::text
    from cbir.plan as asked
      join cbir.plan as sibling on sibling.patient_id = asked.patient_id
      join cbir._member as slice on slice.plan_id = sibling.id
    where asked.id = plan and not sibling.id = any(eligible));
begin
  return array(
    with own_slice as materialized (
      select slices.vector, sum(slices.weight) over (order by slices.index) as upto, slices.weight
      from cbir._weighted_slices(array[plan], space, weights) as slices
    ),
    -- One slice at every sixteenth of the total weight, in the order of the axis, so that all have the same vote.
    asked as materialized (
      select row_number() over () as number, own_slice.vector
      from own_slice
      where ceil(sampled * own_slice.upto - 0.5) > ceil(sampled * (own_slice.upto - own_slice.weight) - 0.5)
    ),
    found as (
      select asked.number, slice.plan_id, found.distance, max(found.distance) over (partition by asked.number) as last
      from asked
        cross join lateral lsh.search(index.name, asked.vector, rows, probes => probes, exclude => own) as found
        join cbir._member as slice on slice.item_id = found.key::int
    ),
    vote as (
      select found.number, found.plan_id, max(found.last - found.distance) as nearer
      from found
        join unnest(eligible) as passing (plan_id) on passing.plan_id = found.plan_id
      group by found.number, found.plan_id
    )
    select vote.plan_id
    from vote
    group by vote.plan_id
    -- A plan that a slice has not found is at least as far as the last one that it has. So plans are ordered by the
    -- smallest mean distance that they can have.
    order by sum(vote.nearer) desc, vote.plan_id
    limit candidates);
end
$$;

comment on function cbir._candidate_plans(lsh.index, int, text, text, int[], int) is
  'Plans that the hash index finds near sampled slices of a plan, ordered by how much nearer they are than the last plan found.';

-- Spaces are preferred by the dose-volume criteria of the first plan that they find. Mean difference over 10 held-out
-- patients: ct_structures, which sees no dose and so also serves a new patient, 4.1 Gy, plan_deep 4.6 Gy. Over 40 others,
-- without ct_structures: plan_deep 4.95 Gy, joint_deep and joint_shallow 5.2 Gy, the others more; the worst was
-- ct_shallow, 6.4 Gy.
create or replace function cbir.plan_space(plan int)
  returns text
  language plpgsql stable parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  candidate text;
  encoded boolean;
begin
  if not exists (select from cbir.plan as known where known.id = plan_space.plan) then
    raise exception 'plan % does not exist', coalesce(plan::text, 'null')
      using errcode = 'LSH01',
        hint = 'List the plans with "select plan_id, plan from cbir.plans".';
  end if;
  for candidate in
    select registered.name
    from cbir.space as registered
    where exists (
      select from lsh.index as indexed where indexed.relation = to_regclass(format('space.%I', registered.name)))
    order by array_position(
        array['ct_structures', 'plan_deep', 'joint_deep', 'joint_shallow', 'plan_ovh', 'dose_deep', 'dose_shallow', 'ct_deep'],
        registered.name) nulls last,
      registered.name
  loop
    execute format(
      'select exists (select from cbir._member as member join space.%I as feature using (item_id) where member.plan_id = $1)',
      candidate)
    into encoded using plan;
    if encoded then
      return candidate;
    end if;
  end loop;
  raise exception 'no space with a hash index holds plan %', coalesce(plan::text, 'null')
    using errcode = 'LSH03',
      hint = 'Encode its slices and index them: "pg-lsh encode --space joint_deep", "pg-lsh index create --space joint_deep".';
end
$$;

comment on function cbir.plan_space(int) is
  'Default space of cbir.similar_plans: of the spaces that have an index and hold the plan, the best by measurement.';
