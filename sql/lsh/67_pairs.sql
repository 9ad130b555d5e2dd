create or replace function lsh_internal.near_pairs(
  index lsh.index, other lsh.index, radius float8, max_pairs int, out a text, out b text, out distance float8
)
  returns setof record
  language plpgsql stable
  set search_path = pg_catalog, pg_temp set enable_memoize = off set jit = off
as $$
declare
  families constant lsh.family[] := array[lsh_internal.family_of(index), lsh_internal.family_of(other)];
  own constant boolean := index.relation = other.relation;
  cell record;
  ours record;
  theirs record;
  shift float8;
  wide float8;
  statement text;
begin
  if families[1].kind = 'residual' and families[2].kind = 'residual' and index.state = 'ready' and other.state = 'ready' then
    ours := lsh_internal.centres(index, families[1]);
    theirs := lsh_internal.centres(other, families[2]);
    shift := @vector@.l2_distance(families[1].center, families[2].center);
    wide := radius + 4 * lsh_internal.rounding(families[1].dims) * (ours.longest + theirs.longest + shift + radius) + 1e-20;
  end if;
  -- lsh_internal.difference scales longer vectors down, so that codes do not store their lengths.
  if wide is null or not wide + @vector@.vector_norm(families[1].center) + @vector@.vector_norm(families[2].center) < 1e15 then
    return query execute lsh_internal.pairs_by_table(index, other) using radius, max_pairs;
    return;
  end if;
  statement := lsh_internal.pairs_of_cell(index, other);
  for cell in
    select us.bucket, array_agg(them.bucket) as buckets, array_agg(them.centre) as centres, array_agg(them.size) as sizes
    from unnest(ours.buckets, ours.weights, ours.sizes) as us (bucket, centre, size)
      join unnest(theirs.buckets, theirs.weights, theirs.sizes) as them (bucket, centre, size)
        on @vector@.l2_distance(us.centre, them.centre) <= us.size + them.size + shift + wide
        and (not own or us.bucket <= them.bucket)
    group by us.bucket
  loop
    return query execute statement
    using cell.bucket, cell.buckets, cell.centres, cell.sizes, families[2].center, radius, wide, max_pairs;
  end loop;
end
$$;

comment on function lsh_internal.near_pairs(lsh.index, lsh.index, float8, int) is
  'Pairs of rows within a radius, at most max_pairs for each cell. Computes all distances if an index has no cells that store lengths.';

create or replace function lsh.pairs(index text, radius float8, other text default null, max_pairs int default 1000000)
  returns table (a text, b text, distance float8)
  language plpgsql stable parallel unsafe
  set search_path = pg_catalog, pg_temp set extra_float_digits = 3 set datestyle = 'ISO' set intervalstyle = 'postgres'
as $$
#variable_conflict use_column
declare
  chosen constant lsh.index := lsh_internal.require_index(pairs.index);
  second constant lsh.index := lsh_internal.require_index(coalesce(pairs.other, pairs.index));
  pair record;
  count int := 0;
begin
  perform lsh_internal.assert_radius(pairs.radius);
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
    select near.a, near.b, near.distance
    from lsh_internal.near_pairs(chosen, second, pairs.radius, least(pairs.max_pairs, 2147483646) + 1) as near
  loop
    count := count + 1;
    if count > pairs.max_pairs then
      raise exception 'more than % pairs are within % of each other', pairs.max_pairs, pairs.radius
        using errcode = 'program_limit_exceeded', hint = 'Choose a smaller radius, or a larger max_pairs.';
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

comment on function lsh.pairs(text, float8, text, int) is
  'Finds all pairs of rows within a radius, each once: in the table of an index, or between it and the table of another index. Works cell by cell if both indexes have cells with lengths.';
