create or replace function cbir._features(item int, space text)
  returns @vector@.vector
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  found record;
begin
  execute format('select embedding from space.%I where item_id = $1', space) into found using item;
  if found.embedding is not null then
    return found.embedding;
  elsif not exists (select from cbir.item as stored where stored.id = _features.item) then
    raise exception 'item % does not exist', coalesce(item::text, 'null')
      using errcode = 'no_data_found', hint = 'List the slices with "select item_id, plan, index from cbir.slices".';
  end if;
  raise exception 'item % has no features in space "%"', item, space
    using errcode = 'no_data_found',
      hint = format('Encode it: "pg-lsh encode --space %s"; an item without dose only has features in spaces of CT.', space);
end
$$;

comment on function cbir._features(int, text) is
  'Features of an item in a space. Raises an error if it was not encoded.';

create or replace function cbir._nearest_of_patients(
  index lsh.index, query @vector@.vector, k int, candidates int, probes int, exclude text[], allowed text[]
)
  returns table (item_id int, distance float8, hamming int)
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  -- Neighbouring slices are alike, so the nearest slice of a patient is followed by several more of the same patient.
  most constant int := least(10000, greatest(50, 4 * k::bigint));
  items int[] := '{}';
  distances float8[] := '{}';
  hammings int[] := '{}';
  looked int;
  passed record;
begin
  loop
    select count(*)::int as looked,
      array_agg(nearest.key::int order by nearest.distance, nearest.key::int) filter (where nearest.rank = 1) as items,
      array_agg(nearest.distance order by nearest.distance, nearest.key::int) filter (where nearest.rank = 1) as distances,
      array_agg(nearest.hamming order by nearest.distance, nearest.key::int) filter (where nearest.rank = 1) as hammings
    into passed
    from (
      select found.*, row_number() over (partition by plan.patient_id order by found.distance, found.key::int) as rank
      from lsh.search(index.name, query, most, candidates, probes, exclude, allowed => allowed) as found
        join cbir._member as member on member.item_id = found.key::int
        join cbir.plan on plan.id = member.plan_id
    ) as nearest;
    items := items || passed.items;
    distances := distances || passed.distances;
    hammings := hammings || passed.hammings;
    exit when cardinality(items) >= k or passed.looked < most;
    -- The next round excludes the patients that were found.
    exclude := exclude || array(
      select key from unnest(passed.items) as item cross join lateral unnest(cbir._left_out(item, true)) as key);
  end loop;
  return query select * from unnest(items, distances, hammings) limit k;
end
$$;

comment on function cbir._nearest_of_patients(lsh.index, @vector@.vector, int, int, int, text[], text[]) is
  'The nearest item of each of the k nearest patients.';

create or replace function cbir.similar_slices(
  item int,
  space text,
  k int default 10,
  exclude_same_patient boolean default true,
  candidates int default null,
  probes int default null,
  filter jsonb default null,
  allowed int[] default null,
  one_per_patient boolean default false
)
  returns table (
    item_id int, distance float8, hamming int,
    patient text, plan text, index int, position_mm real
  )
  language plpgsql stable parallel unsafe rows 10
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  chosen lsh.index := cbir._require_index(space);
  query constant @vector@.vector := cbir._features(item, space);
  exclude constant text[] := cbir._left_out(item, exclude_same_patient);
  passing constant text[] := cbir._slices_where(filter, allowed);
begin
  if one_per_patient then
    perform lsh_internal.assert_plan(k, nullif(candidates, 0), probes, null, null);
    return query
      select slices.item_id, found.distance, found.hamming, slices.patient, slices.plan, slices.index, slices.position_mm
      from cbir._nearest_of_patients(chosen, query, k, candidates, probes, exclude, passing) as found
        join cbir.slices on slices.item_id = found.item_id
      order by found.distance, slices.item_id;
    return;
  end if;
  return query
    select slices.item_id, found.distance, found.hamming, slices.patient, slices.plan, slices.index, slices.position_mm
    from lsh.search(chosen.name, query, similar_slices.k, similar_slices.candidates, similar_slices.probes, exclude,
        allowed => passing) as found
      join cbir.slices on slices.item_id = found.key::int
    order by found.distance, slices.item_id;
end
$$;

comment on function cbir.similar_slices(int, text, int, boolean, int, int, jsonb, int[], boolean) is
  'Finds the k slices most similar to a stored one, by default of other patients. filter: columns of cbir.slices and cbir.plans; one_per_patient: only the best slice of each patient.';

create or replace function cbir.similar_slices_exact(
  item int,
  space text,
  k int default 10,
  exclude_same_patient boolean default true,
  filter jsonb default null,
  allowed int[] default null
)
  returns table (
    item_id int, distance float8, patient text, plan text, index int, position_mm real
  )
  language plpgsql stable parallel unsafe rows 10
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  chosen lsh.index := cbir._require_index(space);
begin
  return query
    select slices.item_id, found.distance, slices.patient, slices.plan, slices.index, slices.position_mm
    from lsh.search_exact(chosen.name, cbir._features(item, space), similar_slices_exact.k,
        cbir._left_out(item, exclude_same_patient), allowed => cbir._slices_where(filter, allowed)) as found
      join cbir.slices on slices.item_id = found.key::int
    order by found.distance, slices.item_id;
end
$$;

comment on function cbir.similar_slices_exact(int, text, int, boolean, jsonb, int[]) is
  'Scans a space for the k slices truly nearest to a stored one, by default of other patients. Conditions are those of cbir.similar_slices.';

create or replace function cbir.compare_slices(
  space text,
  items int[],
  ks int[] default '{10}',
  exclude_same_patient boolean default true,
  candidates int default null,
  probes int default null
)
  returns table (
    item_id int, k int, overlap int, dice float8, jaccard float8, recall float8,
    code_loss float8, bucket_loss float8, visited_share float8
  )
  language plpgsql stable parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select compared.query::int, compared.k, compared.overlap, compared.dice, compared.jaccard, compared.recall,
      compared.code_loss, compared.bucket_loss, compared.visited_share
    from lsh.compare((cbir._require_index(space)).name, items::text[], ks, compare_slices.candidates, compare_slices.probes,
      (select jsonb_object_agg(asked, to_jsonb(cbir._left_out(asked, exclude_same_patient))) from unnest(items) as asked)) as compared;
end
$$;

comment on function cbir.compare_slices(text, int[], int[], boolean, int, int) is
  'Works like lsh.compare for slices of a space, by default among other patients only.';
