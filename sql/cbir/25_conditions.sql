-- Conditions of searches, over the columns of cbir.plans and cbir.slices.

create or replace function cbir._filter_part(filter jsonb, view regclass, others regclass)
  returns jsonb
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  unknown text;
begin
  if filter is null then
    return null;
  elsif jsonb_typeof(filter) <> 'object' then
    raise exception 'a filter must be an object of columns, not %', jsonb_typeof(filter)
      using errcode = 'invalid_parameter_value',
        hint = 'For example {"dataset": "clinic", "prescription_gy": {"gte": 60}, "structures": {"contains": ["Larynx"]}}.';
  end if;
  unknown := (
    select entry
    from jsonb_object_keys(filter) as entry
    where not exists (
      select from pg_attribute where attrelid in (view, others) and attname = entry and attnum > 0 and not attisdropped)
    limit 1);
  if unknown is not null then
    raise exception 'no column "%" to filter by', unknown
      using errcode = 'undefined_column',
        hint = format('Columns are %s.', (
          select string_agg(distinct attname::text, ', ')
          from pg_attribute where attrelid in (view, others) and attnum > 0 and not attisdropped));
  end if;
  return (
    select jsonb_object_agg(entry.key, entry.value)
    from jsonb_each(filter) as entry
      join pg_attribute on attrelid = view and attname = entry.key and attnum > 0 and not attisdropped);
end
$$;

comment on function cbir._filter_part(jsonb, regclass, regclass) is
  'Entries of a filter that are columns of a view. Raises an error for a column that neither this view nor the other has.';

create or replace function cbir._plans_where(filter jsonb)
  returns int[]
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  of_plans constant jsonb := cbir._filter_part(filter, 'cbir.plans', 'cbir.plans');
  found int[];
begin
  execute format('select array(select source.plan_id from cbir.plans as source where %s order by source.plan_id)',
    coalesce((lsh_internal.checked_filter('cbir.plans', of_plans)).condition, 'true'))
  into found;
  return found;
end
$$;

comment on function cbir._plans_where(jsonb) is 'Plans that pass a filter over the columns of cbir.plans.';

create or replace function cbir._slices_where(filter jsonb, allowed int[])
  returns text[]
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  of_slices constant jsonb := coalesce(cbir._filter_part(filter, 'cbir.slices', 'cbir.plans'), '{}');
  -- Columns that only plans have are tested once for each plan, and not for each of its slices.
  of_plans constant jsonb := filter - array(select jsonb_object_keys(of_slices));
  found text[];
begin
  if filter is null then
    return allowed::text[];
  end if;
  execute format(
    'select array(
       select source.item_id::text
       from cbir.slices as source
       where ($1 is null or source.plan_id = any ($1)) and ($2 is null or source.item_id = any ($2)) and %s)',
    (lsh_internal.checked_filter('cbir.slices', of_slices)).condition)
  into found
  using case when of_plans <> '{}' then cbir._plans_where(of_plans) end, allowed;
  return found;
end
$$;

comment on function cbir._slices_where(jsonb, int[]) is
  'Keys of the allowed slices that pass a filter over the columns of cbir.slices and cbir.plans; null if all pass.';

create or replace function cbir.plan_id(key text)
  returns int
  language plpgsql stable parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  found int[] := array(select plans.plan_id from cbir.plans where plans.plan = key order by plans.plan_id);
begin
  if cardinality(found) = 1 then
    return found[1];
  elsif cardinality(found) = 0 then
    raise exception 'plan "%" does not exist', key
      using errcode = 'LSH01', hint = 'List the plans with "select plan_id, plan, dataset from cbir.plans".';
  end if;
  raise exception 'several plans have key "%": %', key, array_to_string(found, ', ')
    using errcode = 'cardinality_violation', hint = 'Name the plan by its number, plan_id.';
end
$$;

comment on function cbir.plan_id(text) is 'Number of the plan with that key, as in cbir.plans. Raises an error if no plan or several plans have it.';
