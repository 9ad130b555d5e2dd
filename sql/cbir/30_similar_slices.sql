create or replace function cbir._features(item int, space text)
  returns @vector@.vector
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  found record;
begin
  execute format('select embedding from space.%I where item_id = $1', space) into found using item;
  if found.embedding is null then
    raise exception 'item % has no features in space "%"', item, space
      using errcode = 'no_data_found',
        hint = format('Encode it: "pg-lsh encode --space %s"; what has no dose has features in spaces of CT alone.', space);
  end if;
  return found.embedding;
end
$$;

comment on function cbir._features(int, text) is
  'Features of an item in a space; an error where it was not encoded.';

create or replace function cbir.similar_slices(
  item int,
  space text,
  k int default 10,
  exclude_same_patient boolean default true,
  candidates int default null,
  probes int default null
)
  returns table (
    item_id int, distance float8, hamming int,
    patient text, plan text, index int, position_mm real
  )
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  chosen lsh.index := cbir._require_index(space);
begin
  return query
    select slices.item_id, found.distance, found.hamming, slices.patient, slices.plan, slices.index, slices.position_mm
    from lsh.search(chosen.name, cbir._features(item, space), similar_slices.k, similar_slices.candidates,
        similar_slices.probes, cbir._left_out(item, exclude_same_patient)) as found
      join cbir.slices on slices.item_id = found.key::int
    order by found.distance, slices.item_id;
end
$$;

comment on function cbir.similar_slices(int, text, int, boolean, int, int) is
  'The k slices most similar to a stored one, nearest first; by default only those of other patients.';

create or replace function cbir.similar_slices_exact(
  item int,
  space text,
  k int default 10,
  exclude_same_patient boolean default true
)
  returns table (
    item_id int, distance float8, patient text, plan text, index int, position_mm real
  )
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  chosen lsh.index := cbir._require_index(space);
begin
  return query
    select slices.item_id, found.distance, slices.patient, slices.plan, slices.index, slices.position_mm
    from lsh.search_exact(chosen.name, cbir._features(item, space), similar_slices_exact.k,
        cbir._left_out(item, exclude_same_patient)) as found
      join cbir.slices on slices.item_id = found.key::int
    order by found.distance, slices.item_id;
end
$$;

comment on function cbir.similar_slices_exact(int, text, int, boolean) is
  'The k slices truly nearest to a stored one, by a scan of the space; by default only those of other patients.';

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
  language plpgsql stable
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
  'lsh.compare for slices of a space, by default among other patients only.';
