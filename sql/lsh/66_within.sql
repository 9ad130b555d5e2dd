create or replace function lsh_internal.assert_radius(radius float8)
  returns void
  language plpgsql immutable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if radius is null or radius < 0 or radius = 'NaN' then
    raise exception 'a radius must be at least 0, not %', coalesce(radius::text, 'null')
      using errcode = 'invalid_parameter_value', hint = 'It is a Euclidean distance; 0 finds rows that equal the query.';
  end if;
end
$$;

comment on function lsh_internal.assert_radius(float8) is 'Raises unless the number can be the radius of a search.';

create or replace function lsh_internal.bounds_hold(index lsh.index, family lsh.family, longest float8)
  returns boolean
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- lsh_internal.difference scales longer vectors down, so that codes do not store their lengths.
  return index.state = 'ready'
    and lsh_internal.estimates(family.kind)
    -- The lengths in scalar codes are not those of their vectors.
    and family.kind <> 'scalar'
    and longest + @vector@.vector_norm(family.center) < 1e17
    and coalesce(index.stage, lsh_internal.stage_by_size(index.codes, family.bits, family.dims, null)) <> 'exact';
end
$$;

comment on function lsh_internal.bounds_hold(lsh.index, lsh.family, float8) is
  'Whether codes give valid bounds for vectors up to some length, and reading them is faster than reading the table.';

create or replace function lsh_internal.scan_within(index lsh.index, plan lsh_internal.plan, listed text)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return format(
    'select array_agg(near.key::text order by near.distance, near.key), array_agg(near.distance order by near.distance, near.key)
     from (
       select found.key, found.distance
       from (%s) as found
       where found.distance <= $4::float8
       order by found.distance, found.key
       limit %s
     ) as near',
    case when listed is null then format(
      'select code.key, @vector@.l2_distance(%1$s, $1) as distance
       from %2$s as source
         cross join lateral (values (source.%3$I)) as code (key)
       where source.%4$I is not null and %5$s and (%6$s)
       offset 0',
      lsh_internal.vector_expression(index, 'source'), lsh_internal.own_rows(index.relation), index.key_column,
      index.vector_column, lsh_internal.listed(index, plan), coalesce(plan.filter, 'true'))
    else format(
      'select listed.key, row.distance
       from unnest(%1$s::%2$s[]) as listed (key)
         cross join lateral (
           select @vector@.l2_distance(%3$s, $1) as distance
           from %4$s as source
           where source.%5$I = listed.key and (%6$s)
           offset 0
         ) as row',
      listed, lsh_internal.bare_type(index), lsh_internal.vector_expression(index, 'source'),
      lsh_internal.own_rows(index.relation), index.key_column, coalesce(plan.filter, 'true'))
    end,
    coalesce(plan.k::text, 'all'));
end
$$;

comment on function lsh_internal.scan_within(lsh.index, lsh_internal.plan, text) is
  'Statement for keys and distances of the rows within a radius, among those that a parameter lists, or in the whole table.';

create or replace function lsh_internal.within(
  index lsh.index, query @vector@.vector, radius float8, max_rows int, exclude text[], filter jsonb, allowed text[],
  out keys text[], out distances float8[], out bounded boolean, out in_reach bigint, out verified bigint
)
  language plpgsql stable
  set search_path = pg_catalog, pg_temp set enable_memoize = off set jit = off
as $$
declare
  family constant lsh.family := lsh_internal.family_of(index);
  plan lsh_internal.plan;
  checked record;
  listed text[];
  table_cost float8;
begin
  perform lsh_internal.assert_dims(family, query);
  perform lsh_internal.assert_radius(radius);
  if max_rows < 1 then
    raise exception 'max_rows must be at least 1, not %', max_rows
      using errcode = 'invalid_parameter_value', hint = 'Leave it out to get all rows within the radius.';
  end if;
  plan.exclude := within.exclude;
  plan.allowed := within.allowed;
  plan.k := max_rows;
  checked := lsh_internal.checked_filter(index.relation, coalesce(within.filter, '{}'), index.vector_column);
  plan.filter := checked.condition;
  if lsh_internal.is_distributed(index) then
    bounded := false;
    select near.keys, near.distances
    into keys, distances
    from lsh_internal.shard_within(index, query, plan, radius) as near;
    return;
  end if;
  table_cost := checked.cost + checked.rows * family.dims / 1000;
  bounded := lsh_internal.bounds_hold(index, family, @vector@.vector_norm(query) + radius)
    and (plan.allowed is null or cardinality(plan.allowed) > 5000)
    -- If few rows pass and the planner can find them, reading those rows is faster than reading the codes.
    and table_cost > pg_relation_size(index.codes) / 8192;
  if bounded then
    execute lsh_internal.reached(index, family, plan)
    into in_reach, listed
    using query, plan.exclude, plan.allowed, radius, family.token;
    verified := coalesce(cardinality(listed), 0);
    -- Looking up a row by its key costs half of a random page, in the planner's units, because some rows share pages.
    bounded := 2 * verified < table_cost;
  end if;
  execute lsh_internal.scan_within(index, plan, case when bounded then '$5' end)
  into keys, distances
  using query, plan.exclude, plan.allowed, radius, listed;
  perform lsh_internal.codes_of(index);
end
$$;

comment on function lsh_internal.within(lsh.index, @vector@.vector, float8, int, text[], jsonb, text[]) is
  'All rows within a radius, and how they were found: whether by bounds or by a scan of the table, the number of codes whose length is in reach, and the number of rows that the bounds do not exclude.';

create or replace function lsh.within(
  index text,
  query @vector@.vector,
  radius float8,
  max_rows int default null,
  exclude text[] default '{}',
  filter jsonb default null,
  allowed text[] default null
)
  returns table (key text, distance float8)
  language plpgsql stable parallel unsafe
  set search_path = pg_catalog, pg_temp set extra_float_digits = 3 set datestyle = 'ISO' set intervalstyle = 'postgres'
as $$
#variable_conflict use_column
declare
  chosen constant lsh.index := lsh_internal.require_index(within.index);
begin
  return query
    select near.key, near.distance
    from lsh_internal.within(chosen, within.query, within.radius, within.max_rows, within.exclude, within.filter, within.allowed) as found
      cross join lateral unnest(found.keys, found.distances) as near (key, distance);
end
$$;

comment on function lsh.within(text, @vector@.vector, float8, int, text[], jsonb, text[]) is
  'Finds all rows within a radius, the nearest first, ties by key, by bounds on codes or by a scan of the table.';

create or replace function lsh.explain_within(
  index text,
  query @vector@.vector,
  radius float8,
  max_rows int default null,
  exclude text[] default '{}',
  filter jsonb default null,
  allowed text[] default null
)
  returns table (proof text, codes int, in_reach int, verified int, rows int, search_ms float8)
  language plpgsql stable parallel unsafe
  set search_path = pg_catalog, pg_temp set extra_float_digits = 3 set datestyle = 'ISO' set intervalstyle = 'postgres'
as $$
#variable_conflict use_column
declare
  chosen constant lsh.index := lsh_internal.require_index(explain_within.index);
  begun timestamptz := clock_timestamp();
  result record;
begin
  select * into result
  from lsh_internal.within(chosen, explain_within.query, explain_within.radius, explain_within.max_rows,
    explain_within.exclude, explain_within.filter, explain_within.allowed) as within;
  search_ms := 1000 * extract(epoch from clock_timestamp() - begun);
  proof := case when result.bounded then 'bounds' else 'table' end;
  in_reach := result.in_reach;
  verified := result.verified;
  rows := coalesce(cardinality(result.keys), 0);
  execute format('select count(*) from %s', lsh_internal.codes_of(chosen)) into codes;
  return next;
end
$$;

comment on function lsh.explain_within(text, @vector@.vector, float8, int, text[], jsonb, text[]) is
  'Runs lsh.within and reports how it found the rows: by bounds or by the table, how many codes the first bound admits, how many rows were measured, and how many are within the radius.';
