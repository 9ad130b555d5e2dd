create or replace function lsh.pairs(
  index text, radius float8 default null, other text default null, max_pairs int default 1000000, k int default null
)
  returns table (a text, b text, distance float8)
  language plpgsql stable parallel unsafe
  set search_path = pg_catalog, pg_temp set extra_float_digits = 3 set datestyle = 'ISO' set intervalstyle = 'postgres'
as $$
#variable_conflict use_column
declare
  chosen constant lsh.index := lsh_internal.require_index(pairs.index);
  second constant lsh.index := lsh_internal.require_index(coalesce(pairs.other, pairs.index));
  most constant int := least(pairs.max_pairs, 2147483646) + 1;
  pair record;
  count int := 0;
begin
  if (pairs.k is null) = (pairs.radius is null) then
    raise exception 'lsh.pairs takes either a radius or k'
      using errcode = 'invalid_parameter_value', hint = 'Write lsh.pairs(index, 0.5) or lsh.pairs(index, k => 10).';
  elsif pairs.k is null then
    perform lsh_internal.assert_radius(pairs.radius);
  else
    perform lsh_internal.assert_plan(pairs.k, null, null, null, null);
  end if;
  if lsh_internal.is_distributed(chosen) or lsh_internal.is_distributed(second) then
    raise exception 'lsh.pairs cannot search distributed index "%": a pair may lie on two machines', chosen.name
      using errcode = 'feature_not_supported', hint = 'Use lsh.within for each row.';
  elsif pairs.max_pairs is null or pairs.max_pairs < 1 then
    raise exception 'max_pairs must be at least 1, not %', coalesce(pairs.max_pairs::text, 'null')
      using errcode = 'invalid_parameter_value', hint = 'Leave it out to allow a million pairs.';
  elsif chosen.dims <> second.dims then
    raise exception 'index "%" has % dimensions, index "%" has %', chosen.name, chosen.dims, second.name, second.dims
      using errcode = 'LSH02', hint = 'Compare vectors of one encoder.';
  elsif second.id <> chosen.id and second.relation = chosen.relation then
    raise exception 'indexes "%" and "%" are on the same table', chosen.name, second.name
      using errcode = 'invalid_parameter_value', hint = 'Leave the second one out to find pairs within the table.';
  end if;
  for pair in
    select near.a, near.b, near.distance from lsh_internal.near_pairs(chosen, second, pairs.radius, most) as near where pairs.k is null
    union all
    select near.a, near.b, near.distance from lsh_internal.neighbour_pairs(chosen, second, pairs.k, most) as near where pairs.k is not null
  loop
    count := count + 1;
    if count = most then
      raise exception 'there are more than % pairs', pairs.max_pairs
        using errcode = 'program_limit_exceeded',
              hint = format('Choose a %s, or a larger max_pairs.', case when pairs.k is null then 'smaller radius' else 'smaller k' end);
    end if;
    a := pair.a;
    b := pair.b;
    distance := pair.distance;
    return next;
  end loop;
  perform lsh_internal.codes_of(chosen);
  perform lsh_internal.codes_of(second);
end
$$;

comment on function lsh.pairs(text, float8, text, int, int) is
  'All pairs of rows within a radius, each once; or each row with its k nearest, with the recall of lsh.search. In one table, or between two. Works cell by cell if it can.';
