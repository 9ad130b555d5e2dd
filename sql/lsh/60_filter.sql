-- Which rows a search may return. Text is put into these conditions only as identifiers and types that the
-- catalogue knows; values travel as parameters, in an array whose places all statements share.

create or replace function lsh._filter_type(relation regclass, "column" text)
  returns text
  language plpgsql stable
  set search_path from current
as $$
declare
  -- Without its length, to which a value would be cut.
  type text := (
    select format_type(atttypid, -1)
    from pg_attribute
    where attrelid = relation and attname = "column" and attnum > 0 and not attisdropped);
begin
  if type is null then
    raise exception 'table "%" has no column "%"', relation, "column"
      using errcode = 'undefined_column',
            hint = 'A filter is {"column": value}, {"column": [values]} or {"column": {"gte": least, "lt": most}}.';
  end if;
  return type;
end
$$;

comment on function lsh._filter_type(regclass, text) is 'Type of a column that a filter names; an error where there is none.';

create or replace function lsh._filter_test(relation regclass, "column" text, wanted jsonb)
  returns text
  language plpgsql stable
  set search_path from current
as $$
declare
  type text := lsh._filter_type(relation, "column");
  unknown text;
begin
  case jsonb_typeof(wanted)
    when 'null' then
      return format('source.%I is null', "column");
    when 'array' then
      return format('source.%I = any(array(select jsonb_array_elements_text($5 -> %L))::%s[])', "column", "column", type);
    when 'object' then
      unknown := (select key from jsonb_object_keys(wanted) as key where key not in ('gt', 'gte', 'lt', 'lte', 'ne') limit 1);
      if unknown is not null or wanted = '{}' then
        raise exception 'the range of column "%" has no bound "%"', "column", coalesce(unknown, '')
          using errcode = 'invalid_parameter_value', hint = 'Bounds are gt, gte, lt, lte and ne.';
      end if;
      return (
        select string_agg(
          format('source.%I %s ($5 -> %L ->> %L)::%s', "column",
            case bound when 'gt' then '>' when 'gte' then '>=' when 'lt' then '<' when 'lte' then '<=' else '<>' end,
            "column", bound, type),
          ' and ' order by bound)
        from jsonb_object_keys(wanted) as bound);
    else
      return format('source.%I = ($5 ->> %L)::%s', "column", "column", type);
  end case;
end
$$;

comment on function lsh._filter_test(regclass, text, jsonb) is
  'One entry of a filter as SQL over the table, with the filter as $5.';

create or replace function lsh._filter(relation regclass, filter jsonb)
  returns text
  language plpgsql stable
  set search_path from current
as $$
begin
  if jsonb_typeof(filter) <> 'object' then
    raise exception 'a filter is an object of columns, not %', jsonb_typeof(filter)
      using errcode = 'invalid_parameter_value', hint = 'For example {"site": "head", "age": {"gte": 40, "lt": 60}}.';
  end if;
  return (
    select string_agg(lsh._filter_test(relation, entry.key, entry.value), ' and ' order by entry.key)
    from jsonb_each(filter) as entry);
end
$$;

comment on function lsh._filter(regclass, jsonb) is 'A filter as SQL over the table; null where it lets everything pass.';

create or replace function lsh._condition(index lsh.index, plan lsh.plan, place text)
  returns text
  language plpgsql stable
  set search_path from current
as $$
begin
  return concat_ws(' and ',
    'true',
    case when place = 'code' and (plan).buckets is not null then 'code.bucket = any($2)' end,
    case when cardinality((plan).exclude) > 0 then format('code.key <> all(array_remove($3, null)::%s[])', lsh._bare_type(index)) end,
    case when (plan).allowed is not null then format('code.key = any($4::%s[])', lsh._bare_type(index)) end,
    case when place = 'code' and lsh._filter((index).relation, (plan).filter) is not null then
      format('exists (select from %s as source where source.%I = code.key and %s)',
        (index).relation, (index).key_column, lsh._filter((index).relation, (plan).filter))
    else lsh._filter((index).relation, (plan).filter) end);
end
$$;

comment on function lsh._condition(lsh.index, lsh.plan, text) is
  'What a search may look at, as SQL over a code table (place code) or over the table (place source, whose key is called code.key too).';
