create or replace function lsh.hamming(a bit, b bit)
  returns int
  language sql immutable strict parallel safe
  return bit_count(a # b)::int;

comment on function lsh.hamming(bit, bit) is
  'Number of positions in which two codes of equal length differ.';

-- PostgreSQL allows no standard body with polymorphic arguments. Null elements are ignored.
create or replace function lsh_internal.overlap(a anyarray, b anyarray)
  returns int
  language sql immutable strict parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select count(*)::int
  from (
    select element from unnest(a) as element where element is not null
    intersect
    select element from unnest(b) as element
  ) as common
$$;

comment on function lsh_internal.overlap(anyarray, anyarray) is 'Number of elements that two arrays share.';

create or replace function lsh_internal.distinct(a anyarray)
  returns int
  language sql immutable strict parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select count(distinct element)::int from unnest(a) as element
$$;

comment on function lsh_internal.distinct(anyarray) is 'Number of different elements of an array.';

create or replace function lsh.dice(a anyarray, b anyarray)
  returns float8
  language sql immutable strict parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select 2 * lsh_internal.overlap(a, b)::float8 / nullif(lsh_internal.distinct(a) + lsh_internal.distinct(b), 0)
$$;

comment on function lsh.dice(anyarray, anyarray) is
  'Dice score 2 |A and B| / (|A| + |B|) of two result sets; null if both are empty.';

create or replace function lsh.jaccard(a anyarray, b anyarray)
  returns float8
  language sql immutable strict parallel safe
  set search_path = pg_catalog, pg_temp
as $$
  select lsh_internal.overlap(a, b)::float8
    / nullif(lsh_internal.distinct(a) + lsh_internal.distinct(b) - lsh_internal.overlap(a, b), 0)
$$;

comment on function lsh.jaccard(anyarray, anyarray) is
  'Jaccard score |A and B| / |A or B| of two result sets; null if both are empty.';

-- Operators and functions of pgvector under names that do not depend on the search path. PostgreSQL inlines them, so it
-- can use an index on the column.

create or replace function lsh.l2_distance(a @vector@.vector, b @vector@.vector)
  returns float8
  language sql immutable parallel safe
  return a operator(@vector@.<->) b;

comment on function lsh.l2_distance(@vector@.vector, @vector@.vector) is 'Euclidean distance of two vectors: a <-> b.';

create or replace function lsh.cosine_distance(a @vector@.vector, b @vector@.vector)
  returns float8
  language sql immutable parallel safe
  return a operator(@vector@.<=>) b;

comment on function lsh.cosine_distance(@vector@.vector, @vector@.vector) is
  '1 minus the cosine of the angle between two vectors: a <=> b.';

create or replace function lsh.binary_quantize(vector @vector@.vector)
  returns bit
  language sql immutable parallel safe
  return @vector@.binary_quantize(vector);

comment on function lsh.binary_quantize(@vector@.vector) is 'Signs of the elements of a vector: 1 if the element is positive.';
