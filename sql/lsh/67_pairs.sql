-- Pairs of rows that are near each other, cell by cell: rows of two cells are compared where the cells come near enough, and of
-- those only rows x and y for which both | |x - c| - |y - c| | <= |x - y|, c the centre of either cell.

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
  'The cells of an index that hold rows: their centres less that of the family, how far the farthest row is from each, and how far from the center of the family a row may be.';

create or replace function lsh_internal.members_of(index lsh.index, buckets text)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return format(
    'select code.key, code.bucket, code.norm::float8 as norm, row.vector
     from unnest(%1$s) as cell (bucket)
       cross join lateral (
         select stored.key, stored.bucket, stored.norm from %2$s as stored where stored.bucket = cell.bucket offset 0
       ) as code
       cross join lateral (
         select %3$s as vector from %4$s as source where source.%5$I = code.key offset 0
       ) as row
     where row.vector is not null',
    buckets, lsh_internal.codes_of(index), lsh_internal.vector_expression(index, 'source'),
    lsh_internal.own_rows(index.relation), index.key_column);
end
$$;

comment on function lsh_internal.members_of(lsh.index, text) is
  'Statement for the rows of some cells: key, cell, distance to its centre and vector.';

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
  'Statement for the pairs within a radius ($1) by all distances, at most $2 of them.';

create or replace function lsh_internal.pairs_of_cell(index lsh.index, other lsh.index)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  own constant boolean := index.relation = other.relation;
begin
  -- $1 the cell, $2 its centre, $3 how far rows of it are from that, $4 the other cells, $5 their centres, $6 how far rows of
  -- them are from those, $7 the center of the family of the cell, $8 that of the others; $9 the radius, $10 the same, widened;
  -- $11 how many pairs.
  return format(
    'with x as materialized (
       select member.*, lsh_internal.difference(member.vector, $8) as rest from (%1$s) as member
     ),
     y as materialized (
       select member.*, @vector@.l2_distance(lsh_internal.difference(member.vector, $7), $2) as beyond from (%2$s) as member
     ),
     from_centre as materialized (
       select x.key, x.vector, x.norm, cell.bucket, @vector@.l2_distance(x.rest, cell.centre) as beyond, cell.size
       from x
         cross join unnest($4, $5, $6) as cell (bucket, centre, size)
       offset 0
     )
     select %3$s, near.distance
     from from_centre as x
       join y on y.bucket = x.bucket
       cross join lateral (select @vector@.l2_distance(x.vector, y.vector) as distance offset 0) as near
     where x.beyond <= x.size + $10
       and y.beyond <= $3 + $10
       and y.norm between x.beyond - $10 and x.beyond + $10
       and y.beyond between x.norm - $10 and x.norm + $10
       and %4$s
       and near.distance <= $9
     limit $11',
    lsh_internal.members_of(index, 'array[$1::int]'), lsh_internal.members_of(other, '$4::int[]'),
    case when own then 'least(x.key, y.key)::text, greatest(x.key, y.key)::text' else 'x.key::text, y.key::text' end,
    case when own then '(x.bucket <> $1 or x.key < y.key)' else 'true' end);
end
$$;

comment on function lsh_internal.pairs_of_cell(lsh.index, lsh.index) is
  'Statement for the pairs of a row of a cell and one of other cells that are within a radius.';
