-- Finds pairs of near rows cell by cell: compares the rows x of a cell with the rows y of cells that are near enough,
-- and only with those whose length allows it: | |x - c| - |y - c| | <= |x - y|, where c is the centre of the cell of y.

create or replace function lsh_internal.centres(
  index lsh.index, family lsh.family, out buckets int[], out weights @vector@.vector[], out sizes real[], out longest float8
)
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  execute format(
    'with extent as materialized (
       select code.bucket, max(code.norm) as size from %s as code group by code.bucket
     )
     select array_agg(extent.bucket order by extent.bucket), array_agg(centre.weight order by extent.bucket),
       array_agg(extent.size order by extent.bucket), coalesce(max(@vector@.vector_norm(centre.weight) + extent.size), 0)
     from extent
       join lsh_internal.parameters($1, $2) as centre on centre.purpose = ''bucket'' and centre.ordinal = extent.bucket',
    lsh_internal.codes_of(index))
  into buckets, weights, sizes, longest
  using family.id, family.token;
end
$$;

comment on function lsh_internal.centres(lsh.index, lsh.family) is
  'Cells of an index that contain rows: centres relative to the center of the family, the distance of the farthest row from each, and the largest distance of a row from the center of the family.';

create or replace function lsh_internal.pairs_by_table(index lsh.index, other lsh.index)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return format(
    'select found.a::text, found.b::text, found.distance
     from (
       select x.%1$I as a, y.%2$I as b, @vector@.l2_distance(%3$s, %4$s) as distance
       from %5$s as x
         cross join %6$s as y
       where %7$s
       offset 0
     ) as found
     where found.distance <= $1
     limit $2',
    index.key_column, other.key_column, lsh_internal.vector_expression(index, 'x'), lsh_internal.vector_expression(other, 'y'),
    lsh_internal.own_rows(index.relation), lsh_internal.own_rows(other.relation),
    case when index.relation = other.relation then format('x.%1$I < y.%1$I', index.key_column) else 'true' end);
end
$$;

comment on function lsh_internal.pairs_by_table(lsh.index, lsh.index) is
  'Statement for the pairs within a radius ($1), by computing all distances; at most $2 pairs.';

create or replace function lsh_internal.pairs_of_cell(index lsh.index, other lsh.index)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  own constant boolean := index.relation = other.relation;
begin
  -- $1 the cell, $2 the other cells, $3 their centres, $4 the distances of their farthest rows, $5 the center of their
  -- family; $6 the radius, $7 the radius widened for rounding, $8 the maximum number of pairs.
  return format(
    'with x as materialized (
       select code.key, row.vector, lsh_internal.difference(row.vector, $5) as rest
       from %1$s as code
         cross join lateral (
           select %2$s as vector from %3$s as source where source.%4$I = code.key offset 0
         ) as row
       where code.bucket = $1
         and row.vector is not null
     )
     select %9$s, near.distance
     from (
         select x.key, x.vector, cell.bucket, @vector@.l2_distance(x.rest, cell.centre) as distance, cell.size
         from x
           cross join unnest($2, $3, $4) as cell (bucket, centre, size)
         offset 0
       ) as x
       cross join lateral (
         select stored.key
         from %5$s as stored
         where stored.bucket = x.bucket and stored.norm between x.distance - $7 and x.distance + $7
         offset 0
       ) as y
       cross join lateral (
         select @vector@.l2_distance(x.vector, %6$s) as distance from %7$s as source where source.%8$I = y.key offset 0
       ) as near
     where x.distance <= x.size + $7
       and %10$s
       and near.distance <= $6
     limit $8',
    lsh_internal.codes_of(index), lsh_internal.vector_expression(index, 'source'), lsh_internal.own_rows(index.relation),
    index.key_column,
    lsh_internal.codes_of(other), lsh_internal.vector_expression(other, 'source'), lsh_internal.own_rows(other.relation),
    other.key_column,
    case when own then 'least(x.key, y.key)::text, greatest(x.key, y.key)::text' else 'x.key::text, y.key::text' end,
    case when own then '(x.bucket <> $1 or x.key < y.key)' else 'true' end);
end
$$;

comment on function lsh_internal.pairs_of_cell(lsh.index, lsh.index) is
  'Statement for the pairs within a radius of a row of one cell and a row of other cells.';
