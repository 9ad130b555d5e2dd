-- test/bench/plans.ts compared measures on 70 plans of OpenKBP: slice votes, directed means, their mean and maximum,
-- monotone matching and time warping, each with both weights. The nearest plans by them differ in dose by 5.3 to 6.4 Gy
-- (random 6.8, best possible 2.9), and no measure is better in all spaces. So this is the simplest symmetric one, with
-- equal weights.

-- distance is the modified Hausdorff distance (Dubuisson and Jain, ICPR 1994): the greater of forward and backward, the
-- mean distances of the slices of one plan to the nearest slice of the other; in a space of plans, such as plan_deep,
-- the distance of the two vectors. weights: equal, or dose, which weighs a slice by its mean dose. matched: number of
-- slices of the returned plan that are the nearest of a slice of the query. candidates: number of plans that the hash
-- index selects for comparison, if more than three times as many are eligible (default 5 k, at least 100). k plans are
-- returned if as many are eligible.
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
  -- Five times as many candidates miss one in a hundred of the true k nearest.
  most bigint := greatest(coalesce(candidates, greatest(100, 5 * k::bigint)), k);
  compared int[] := eligible;
begin
  perform lsh_internal.assert_plan(k, candidates, null, null, null);
  perform cbir._assert_compared(query_plan, space, weights);
  -- Comparing up to three times as many plans is faster than asking the index which of them to leave out.
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
