-- The measure was chosen by test/bench/plans.ts on 70 plans of OpenKBP: nearest plans by any of slice votes, directed means,
-- their mean and maximum, monotone matching and time warping, with either weights, differ in dose by 5.3 to 6.4 Gy
-- (random 6.8, best possible 2.9), and none is better in all spaces. So the simplest symmetric one, with equal weights.

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
      -- Sets and not arrays to run through for each plan.
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
  -- Slices of the query that are searched with: neighbours in a volume find the same plans.
  sampled constant int := 16;
  -- What a quarter of the buckets leaves out of one slice's neighbours, others bring.
  probes int := greatest(1, index.probes / 4);
  -- So many rows that after those of other plans twice as many are left as candidates are wanted.
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
    -- One at every sixteenth of the weight, in the order of the axis: then all have the same vote.
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
    -- What is not found is at least as far as the last that is: the order of the least possible mean distances.
    order by sum(vote.nearer) desc, vote.plan_id
    limit candidates);
end
$$;

comment on function cbir._candidate_plans(lsh.index, int, text, text, int[], int) is
  'Plans that the hash index finds near sampled slices of a plan, ordered by how much nearer they are than the last plan found.';

-- The order of preference is that of the dose-volume criteria of the plan found first, over 40 patients that nobody trained
-- or tuned on: plan_deep 4.95 Gy, joint_deep and joint_shallow 5.2 Gy, the others above; the worst was ct_shallow, 6.4 Gy.
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
        array['plan_deep', 'joint_deep', 'joint_shallow', 'plan_ovh', 'dose_deep', 'dose_shallow', 'ct_deep'],
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

-- distance is the modified Hausdorff distance (Dubuisson and Jain, ICPR 1994): the greater of two means of the distances of
-- slices to the nearest slice of the other plan, forward from the query and backward to it; in a space of plans, such as
-- plan_deep, simply their distance. weights: equal, or dose, by which a slice counts as much as its mean dose. matched:
-- slices of the plan found that are the nearest of one of the query. candidates: plans that the hash index leaves to
-- compare, where there are more than three times as many (default 5 k, at least 100). k plans come back wherever k may.
create or replace function cbir.similar_plans(
  query_plan int,
  space text default null,
  k int default 10,
  exclude_same_patient boolean default true,
  weights text default 'equal',
  candidates int default null,
  allowed int[] default null,
  filter jsonb default null,
  one_per_patient boolean default false
)
  returns table (
    plan_id int, distance float8, forward float8, backward float8, matched int, patient text, plan text
  )
  language plpgsql stable parallel unsafe rows 10
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  space text := coalesce(similar_plans.space, cbir.plan_space(query_plan));
  chosen lsh.index := cbir._require_index(space);
  eligible int[] := cbir._eligible_plans(query_plan, exclude_same_patient, allowed, filter);
  -- Of the true k nearest, five times as many candidates miss one in a hundred.
  most bigint := greatest(coalesce(candidates, greatest(100, 5 * k::bigint)), k);
  compared int[] := eligible;
begin
  perform lsh_internal.assert_plan(k, candidates, null, null, null);
  perform cbir._assert_compared(query_plan, space, weights);
  -- A few more plans are compared sooner than the index is asked which of them to leave out.
  if cardinality(eligible) > 3 * most then
    compared := cbir._candidate_plans(chosen, query_plan, space, weights, eligible, most::int);
    if k > (select case when one_per_patient then count(distinct plan.patient_id) else count(*) end
            from cbir.plan where plan.id = any (compared))
    then
      compared := eligible;
    end if;
  end if;
  return query
    with profile as materialized (
      select slices.plan_id, array_agg(slices.vector order by slices.index) as vectors,
        array_agg(slices.weight order by slices.index) as weights
      from cbir._weighted_slices(query_plan || compared, space, weights) as slices
      group by slices.plan_id
    ),
    measured as materialized (
      select other.plan_id,
        cbir._mean_nearest(own.vectors, own.weights, other.vectors) as forward,
        cbir._mean_nearest(other.vectors, other.weights, own.vectors) as backward
      from profile as own
        join profile as other on other.plan_id <> own.plan_id
      where own.plan_id = query_plan
    ),
    ranked as (
      select measured.*, greatest(measured.forward, measured.backward) as distance,
        row_number() over (
          partition by case when one_per_patient then plan.patient_id else -plan.id end
          order by greatest(measured.forward, measured.backward), plan.id) as rank
      from measured
        join cbir.plan on plan.id = measured.plan_id
    ),
    nearest as materialized (
      select ranked.*
      from ranked
      where ranked.rank = 1
      order by ranked.distance, ranked.plan_id
      limit k
    )
    select nearest.plan_id, nearest.distance, nearest.forward, nearest.backward,
      cbir._matched(own.vectors, other.vectors), plans.patient, plans.plan
    from nearest
      join profile as other on other.plan_id = nearest.plan_id
      join profile as own on own.plan_id = query_plan
      join cbir.plans on plans.plan_id = nearest.plan_id
    order by nearest.distance, nearest.plan_id;
end
$$;

comment on function cbir.similar_plans(int, text, int, boolean, text, int, int[], jsonb, boolean) is
  'Finds the k plans most similar to a stored one, by the modified Hausdorff distance of their slices. filter: columns of cbir.plans; one_per_patient: only the best plan of each patient.';

create or replace function cbir.similar_plans(
  query_plan text,
  space text default null,
  k int default 10,
  exclude_same_patient boolean default true,
  weights text default 'equal',
  candidates int default null,
  allowed int[] default null,
  filter jsonb default null,
  one_per_patient boolean default false
)
  returns table (
    plan_id int, distance float8, forward float8, backward float8, matched int, patient text, plan text
  )
  language sql stable parallel unsafe rows 10
begin atomic
  select found.*
  from cbir.similar_plans(cbir.plan_id(query_plan), space, k, exclude_same_patient, weights, candidates, allowed, filter,
    one_per_patient) as found;
end;

comment on function cbir.similar_plans(text, text, int, boolean, text, int, int[], jsonb, boolean) is
  'cbir.similar_plans for the plan with that key.';
