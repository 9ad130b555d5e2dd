-- Finds the nearest rows of every row cell by cell: reads the rows of a cell and of the cells near it once, and compares
-- each row of the cell with those of the cells that a search for it would visit. The rows of a cell are kept as arrays:
-- to test every row for its cell would take as long as the distances.

create or replace function lsh_internal.filled_cells(
  index lsh.index, family lsh.family, out buckets int[], out weights @vector@.vector[], out counts float8[]
)
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  execute format(
    'select array_agg(filled.bucket order by filled.bucket), array_agg(centre.weight order by filled.bucket),
       array_agg(filled.count order by filled.bucket)
     from (
       select code.bucket, count(*)::float8 as count from %s as code group by code.bucket
     ) as filled
       join lsh_internal.parameters($1, $2) as centre on centre.purpose = ''bucket'' and centre.ordinal = filled.bucket',
    lsh_internal.codes_of(index))
  into buckets, weights, counts
  using family.id, family.token;
end
$$;

comment on function lsh_internal.filled_cells(lsh.index, lsh.family) is
  'Cells of an index that contain rows: their centres relative to the center of the family, and how many codes each has.';

create or replace function lsh_internal.centres_per_cell(cells @vector@.vector[], centres @vector@.vector[])
  returns int[]
  language plpgsql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select count(near.place)
    from unnest(centres) as them (centre)
      cross join lateral (
        select us.place
        from unnest(cells) with ordinality as us (centre, place)
        order by @vector@.l2_distance(us.centre, them.centre), us.place
        limit 1
      ) as near
      right join generate_series(1, cardinality(cells)) as cell (place) on cell.place = near.place
    group by cell.place
    order by cell.place);
end
$$;

comment on function lsh_internal.centres_per_cell(@vector@.vector[], @vector@.vector[]) is
  'For each of some cells, given by their centres, how many other centres lie in it.';

create or replace function lsh_internal.neighbours_of_cell(index lsh.index, other lsh.index)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- $1 the cell, $2 the near cells of the other index, $3 their centres, $4 the numbers of their codes, $5 the center of
  -- their family, $6 the number of cells to visit for a row, $7 the number of neighbours, $8 how far it reaches for
  -- cells. Cells are visited as in lsh_internal.hashed_query, and further ones until they have twice as many codes as
  -- neighbours are wanted. A distance of 0 would exclude all other cells, so the next distance counts.
  return format(
    'with y as materialized (
       select code.bucket, array_agg(code.key) as keys, array_agg(row.vector) as vectors
       from %1$s as code
         cross join lateral (
           select %2$s as vector from %3$s as source where source.%4$I = code.key offset 0
         ) as row
       where code.bucket = any ($2)
         and row.vector is not null
       group by code.bucket
     )
     select x.key::text, x.vector, found.keys, found.distances
     from (
         select code.key, row.vector, array(
           select near.bucket
           from (
             select cell.bucket, cell.distance, row_number() over nearest_first as place,
               min(nullif(cell.distance, 0)) over nearest_first as least,
               sum(cell.count) over nearest_first - cell.count as before
             from (
               select listed.bucket, listed.count,
                 @vector@.vector_l2_squared_distance(row.rest, listed.centre) as distance
               from unnest($2, $3, $4) as listed (bucket, centre, count)
               offset 0
             ) as cell
             window nearest_first as (order by cell.distance, cell.bucket)
           ) as near
           where near.before <= 2 * $7::float8
             or near.place <= $6 and ($8 = ''infinity'' or near.distance <= coalesce(near.least, 0) * (1 + sqrt($8 / near.place) / 2))
         ) as buckets
         from %5$s as code
           cross join lateral (
             select %6$s as vector, lsh_internal.difference(%6$s, $5) as rest
             from %7$s as source
             where source.%8$I = code.key
             offset 0
           ) as row
         where code.bucket = $1
           and row.vector is not null
         offset 0
       ) as x
       cross join lateral (
         select array_agg(nearest.key::text order by nearest.distance, nearest.key) as keys,
           array_agg(nearest.distance order by nearest.distance, nearest.key) as distances
         from (
           select near.key, @vector@.l2_distance(x.vector, near.vector) as distance
           from (
             select unnest(y.keys) as key, unnest(y.vectors) as vector from y where y.bucket = any (x.buckets) offset 0
           ) as near
           where %9$s
           order by 2, 1
           limit $7
         ) as nearest
       ) as found',
    lsh_internal.codes_of(other), lsh_internal.vector_expression(other, 'source'), lsh_internal.own_rows(other.relation),
    other.key_column,
    lsh_internal.codes_of(index), lsh_internal.vector_expression(index, 'source'), lsh_internal.own_rows(index.relation),
    index.key_column,
    case when index.relation = other.relation then 'near.key <> x.key' else 'true' end);
end
$$;

comment on function lsh_internal.neighbours_of_cell(lsh.index, lsh.index) is
  'Statement for the nearest rows of each row of a cell among the rows of near cells: key, vector, keys found and their distances.';

create or replace function lsh_internal.neighbour_pairs(
  index lsh.index, other lsh.index, k int, max_pairs int, out a text, out b text, out distance float8
)
  returns setof record
  language plpgsql stable
  set search_path = pg_catalog, pg_temp set enable_memoize = off set jit = off
as $$
declare
  families constant lsh.family[] := array[lsh_internal.family_of(index), lsh_internal.family_of(other)];
  probes int := least(families[2].bucket_count, lsh_internal.probes_for(other.settings, other.probes, other.measured, k));
  own constant boolean := index.relation = other.relation;
  by_cells boolean := families[1].bucket_kind = 'voronoi' and families[2].bucket_kind = 'voronoi'
    and index.state = 'ready' and other.state = 'ready' and not row_security_active(other.relation);
  ours record;
  theirs record;
  moved @vector@.vector[];
  contained int[];
  statement text;
  cell record;
  found record;
  added bigint;
  total bigint := 0;
begin
  if by_cells then
    ours := lsh_internal.filled_cells(index, families[1]);
    theirs := lsh_internal.filled_cells(other, families[2]);
    -- Holds the vectors of no more cells at a time than fit into about 64 MB, and of at least as many as for ten rows.
    probes := least(probes, greatest(other.probes,
      64e6 / (4 * families[2].dims * (select avg(count) from unnest(theirs.counts) as count))));
    -- Centres are relative to the centers of their families.
    moved := array(
      select lsh_internal.difference(us.centre, lsh_internal.difference(families[2].center, families[1].center))
      from unnest(ours.weights) with ordinality as us (centre, place)
      order by us.place);
    -- Rows of a cell that covers many cells of another family are near more cells than are worth reading together.
    contained := case when families[1].id <> families[2].id then lsh_internal.centres_per_cell(moved, theirs.weights) end;
    by_cells := not 32 < any (contained) is true;
  end if;
  if not by_cells then
    return query execute format(
      'select source.%1$I::text, near.key, near.distance
       from %2$s as source
         cross join lateral lsh.search($1, %3$s, $2, exclude => %4$s) as near
       where source.%5$I is not null
       limit $3',
      index.key_column, lsh_internal.own_rows(index.relation), lsh_internal.vector_expression(index, 'source'),
      case when own then format('array[source.%I::text]', index.key_column) else '''{}''' end, index.vector_column)
    using other.name, k, max_pairs;
    return;
  end if;
  statement := lsh_internal.neighbours_of_cell(index, other);
  for cell in
    select us.bucket, near.buckets, near.centres, near.counts
    from unnest(ours.buckets, moved, contained) as us (bucket, centre, contained)
      cross join lateral (
        select array_agg(them.bucket) as buckets, array_agg(them.centre) as centres, array_agg(them.count) as counts
        from (
          select listed.bucket, listed.centre, listed.count
          from unnest(theirs.buckets, theirs.weights, theirs.counts) as listed (bucket, centre, count)
          order by @vector@.l2_distance(listed.centre, us.centre), listed.bucket
          -- Twice as many would bring a little more recall for twice the time.
          limit greatest(16, probes) * greatest(1, us.contained)
        ) as them
      ) as near
  loop
    for found in
      execute statement
      using cell.bucket, cell.buckets, cell.centres, cell.counts, families[2].center, probes, k, lsh_internal.widened(probes, families[2].bucket_count)
    loop
      if cardinality(found.keys) = k then
        return query select found.key, near.key, near.distance from unnest(found.keys, found.distances) as near (key, distance);
      else
        -- A search visits more cells until it has k rows.
        return query
          select found.key, near.key, near.distance
          from lsh.search(other.name, found.vector, k, exclude => case when own then array[found.key] else '{}' end) as near;
      end if;
      get diagnostics added = row_count;
      total := total + added;
      if total >= max_pairs then
        return;
      end if;
    end loop;
  end loop;
end
$$;

comment on function lsh_internal.neighbour_pairs(lsh.index, lsh.index, int, int) is
  'The k nearest rows of every row, cell by cell; by a search per row without cells, with far larger ones than the other index, or if row-level security hides rows. Stops soon after max_pairs pairs.';
