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
