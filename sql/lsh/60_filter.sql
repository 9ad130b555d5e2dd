-- Which rows a search may return. Values of a filter are written into the statement as quoted literals without a type,
-- so that PostgreSQL's own input function of the column type reads them, and no user-defined cast or domain is called.
-- Keys are passed as parameters, as arrays that have the same place in all statements.

create or replace function lsh_internal.filter_type(relation regclass, "column" text)
  returns pg_type
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  found pg_type := (
    select pg_type
    from pg_attribute
      join pg_type on pg_type.oid = lsh_internal.base_type(atttypid)
    where attrelid = relation and attname = "column" and attnum > 0 and not attisdropped);
begin
  if found.oid is null then
    raise exception 'table "%" has no column "%"', relation, "column"
      using errcode = 'undefined_column',
            hint = format('It has %s. ', (
              select string_agg(attname, ', ' order by attnum)
              from pg_attribute where attrelid = relation and attnum > 0 and not attisdropped))
              || case when (select relnamespace = to_regnamespace('space') from pg_class where oid = relation)
                -- The table of a space has no columns to filter by.
                then 'Filter by columns of slices and plans with "cbir.similar_slices(..., filter => ...)".'
                else 'A filter is {"column": value}, {"column": [values]} or {"column": {"gte": least, "lt": most}}.' end;
  elsif not exists (
    select
    from pg_type as element
      join pg_opclass on pg_opclass.opcdefault and pg_opclass.opcintype in (element.oid, case
        when element.typname = 'varchar' then 'text'::regtype
        when element.typtype = 'e' then 'anyenum'::regtype
        when element.typtype = 'r' then 'anyrange'::regtype
        when element.typtype = 'm' then 'anymultirange'::regtype
      end)
      join pg_am on pg_am.oid = pg_opclass.opcmethod and pg_am.amname in ('btree', 'hash')
    where element.oid = case when found.typcategory = 'A' then found.typelem else found.oid end
      and (element.typtype = 'e' or element.typnamespace = 'pg_catalog'::regnamespace))
  then
    raise exception 'cannot filter by column "%" of type %', "column", format_type(found.oid, -1)
      using errcode = 'feature_not_supported',
            hint = 'Filter by keys instead: allowed => array(select key::text from ... where ...).';
  end if;
  return found;
end
$$;

comment on function lsh_internal.filter_type(regclass, text) is
  'Type of a column of a filter; the base type of a domain. Raises an error if the column does not exist, or its type has no equality of PostgreSQL''s own.';

create or replace function lsh_internal.filter_literal(type pg_type, "column" text, wanted jsonb)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if type.typcategory = 'A' and jsonb_typeof(wanted) = 'array' then
    return quote_literal((select coalesce(array_agg(element), '{}')::text from jsonb_array_elements_text(wanted) as element));
  elsif type.oid = 'jsonb'::regtype then
    return quote_literal(wanted::text);
  elsif type.typcategory = 'A' or jsonb_typeof(wanted) in ('array', 'object') then
    raise exception 'cannot compare column "%" of type % with %', "column", format_type(type.oid, -1), wanted
      using errcode = 'invalid_parameter_value',
            hint = 'Columns of arrays are compared with arrays, {"tags": {"contains": ["a"]}} or {"tags": [["a", "b"]]}; others with strings, numbers and booleans.';
  end if;
  return quote_literal(wanted #>> '{}');
end
$$;

comment on function lsh_internal.filter_literal(pg_type, text, jsonb) is 'A value of a filter as a literal for a column of that type.';

create or replace function lsh_internal.filter_test(relation regclass, "column" text, wanted jsonb)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  operators constant jsonb := '{"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "ne": "<>", "eq": "=", "contains": "@>"}';
  functions constant jsonb := '{"gt": "gt", "gte": "ge", "lt": "lt", "lte": "le", "ne": "ne", "eq": "eq"}';
  type pg_type := lsh_internal.filter_type(relation, "column");
  -- Enums are compared by a function and not an operator: their owner may have defined a cast to a type that has the
  -- operator.
  test constant text := case type.typtype when 'e' then 'enum_%3$s(source.%1$I, %4$s)' else 'source.%1$I %2$s %4$s' end;
  unknown text;
begin
  case jsonb_typeof(wanted)
    when 'null' then
      return format('source.%I is null', "column");
    when 'array' then
      return coalesce((
        select '(' || string_agg(
          format(case when value = 'null' then 'source.%1$I is null' else test end, "column", '=', 'eq',
            case when value <> 'null' then lsh_internal.filter_literal(type, "column", value) end), ' or ' order by place) || ')'
        from jsonb_array_elements(wanted) with ordinality as element (value, place)), 'false');
    when 'object' then
      unknown := (select bound from jsonb_object_keys(wanted) as bound where not operators ? bound limit 1);
      if unknown is not null or wanted = '{}'
        or wanted ? 'contains' and type.typcategory not in ('A', 'R') and type.oid <> 'jsonb'::regtype
      then
        raise exception 'invalid bound "%" for column "%"', coalesce(unknown, case when wanted ? 'contains' then 'contains' end, ''), "column"
          using errcode = 'invalid_parameter_value',
                hint = 'Bounds are gt, gte, lt, lte, ne and eq; for arrays, ranges and jsonb also contains.';
      end if;
      return (
        select string_agg(
          format(test, "column", operators ->> bound, functions ->> bound, lsh_internal.filter_literal(type, "column", wanted -> bound)),
          ' and ' order by bound)
        from jsonb_object_keys(wanted) as bound);
    else
      return format(test, "column", '=', 'eq', lsh_internal.filter_literal(type, "column", wanted));
  end case;
end
$$;

comment on function lsh_internal.filter_test(regclass, text, jsonb) is 'One entry of a filter as an SQL condition.';

create or replace function lsh_internal.filter(relation regclass, filter jsonb)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if jsonb_typeof(filter) <> 'object' then
    raise exception 'a filter must be an object of columns, not %', jsonb_typeof(filter)
      using errcode = 'invalid_parameter_value', hint = 'For example {"site": "head", "age": {"gte": 40, "lt": 60}}.';
  end if;
  return (
    select string_agg(lsh_internal.filter_test(relation, entry.key, entry.value), ' and ' order by entry.key)
    from jsonb_each(filter) as entry);
end
$$;

comment on function lsh_internal.filter(regclass, jsonb) is 'A filter as an SQL condition; null if every row passes.';

create or replace function lsh_internal.cost_of(statement text, out rows float8, out cost float8)
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  plan json;
begin
  -- Volatile, because PostgreSQL does not allow explain inside a stable function. It reads and writes no row.
  execute 'explain (format json) ' || statement into plan;
  rows := (plan #>> '{0,Plan,Plan Rows}')::float8;
  cost := (plan #>> '{0,Plan,Total Cost}')::float8;
end
$$;

comment on function lsh_internal.cost_of(text) is
  'Number of rows that the planner expects of a statement, and the cost in its units.';

create or replace function lsh_internal.checked_filter(
  relation regclass, filter jsonb, "column" name default null, out condition text, out rows float8, out cost float8
)
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  complaint text;
  remedy text;
begin
  if filter is null then
    return;
  end if;
  begin
    condition := coalesce(lsh_internal.filter(relation, filter), 'true');
    -- Only plans the statement, so that PostgreSQL reads each value as one of the type of its column. With the column in
    -- it, the cost includes that of reading the rows, and not only an index.
    select estimate.rows, estimate.cost into rows, cost
    from lsh_internal.cost_of(format('select %s from %s as source where %s',
      'source.' || quote_ident("column"), lsh_internal.own_rows(relation), condition)) as estimate;
  exception when data_exception or undefined_column or undefined_function or feature_not_supported then
    get stacked diagnostics complaint = message_text, remedy = pg_exception_hint;
    -- Raises the error again here, because its context shows functions and statements that the caller has not written.
    raise exception '%', complaint
      using errcode = sqlstate,
            hint = coalesce(nullif(remedy, ''), 'A filter is {"column": value}, {"column": [values]} or {"column": {"gte": least, "lt": most}}.');
  end;
end
$$;

comment on function lsh_internal.checked_filter(regclass, jsonb, name) is
  'A filter as an SQL condition on a table called source, with the number of rows expected to pass and the cost of reading a column of them. Raises an error with a short context.';

create or replace function lsh_internal.listed(index lsh.index, plan lsh_internal.plan)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return concat_ws(' and ',
    'true',
    case when cardinality(plan.exclude) > 0 then format('code.key <> all (array_remove($2, null)::%s[])', lsh_internal.bare_type(index)) end,
    case when plan.allowed is not null then format('code.key = any ($3::%s[])', lsh_internal.bare_type(index)) end);
end
$$;

comment on function lsh_internal.listed(lsh.index, lsh_internal.plan) is
  'Condition on the keys that a search may return, as SQL over code.key; $2 are the excluded keys, $3 the allowed ones.';
