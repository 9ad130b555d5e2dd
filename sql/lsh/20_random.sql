-- Random numbers that depend only on a seed and a label: SHA-256 in counter mode. The server's own generator would tie
-- a family to a session and to a server version.

create or replace function lsh_internal.uniforms(seed int, label text, count int)
  returns table (ordinal int, value float8)
  language sql immutable parallel safe
begin atomic
  select
    (block.number * 8 + word.number)::int as ordinal,
    (('x' || substr(block.digest, word.number * 8 + 1, 8))::bit(32)::bigint + 0.5)
      / 4294967296.0::float8 as value
  from (
      select
        number,
        encode(sha256(convert_to(format('%s:%s:%s', seed, label, number), 'UTF8')), 'hex') as digest
      from generate_series(0, (count - 1) / 8) as number
    ) as block
    cross join generate_series(0, 7) as word (number)
  where block.number * 8 + word.number < count;
end;

comment on function lsh_internal.uniforms(int, text, int) is
  'Uniform numbers in (0, 1): word i of SHA-256("seed:label:block"), 32 bits each.';

create or replace function lsh_internal.normals(seed int, label text, count int, scale float8)
  returns float8[]
  language plpgsql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- Computes blocks of eight numbers without a row for each number, because directions need millions of them.
  return (array(
    select unnest(array[
      radius_0 * cos(angle_0), radius_0 * sin(angle_0), radius_1 * cos(angle_1), radius_1 * sin(angle_1),
      radius_2 * cos(angle_2), radius_2 * sin(angle_2), radius_3 * cos(angle_3), radius_3 * sin(angle_3)])
    from (
      select
        number,
        scale * sqrt(-2 * ln((('x' || substr(digest, 1, 8))::bit(32)::bigint + 0.5) / 4294967296.0::float8)) as radius_0,
        2 * pi() * ((('x' || substr(digest, 9, 8))::bit(32)::bigint + 0.5) / 4294967296.0::float8) as angle_0,
        scale * sqrt(-2 * ln((('x' || substr(digest, 17, 8))::bit(32)::bigint + 0.5) / 4294967296.0::float8)) as radius_1,
        2 * pi() * ((('x' || substr(digest, 25, 8))::bit(32)::bigint + 0.5) / 4294967296.0::float8) as angle_1,
        scale * sqrt(-2 * ln((('x' || substr(digest, 33, 8))::bit(32)::bigint + 0.5) / 4294967296.0::float8)) as radius_2,
        2 * pi() * ((('x' || substr(digest, 41, 8))::bit(32)::bigint + 0.5) / 4294967296.0::float8) as angle_2,
        scale * sqrt(-2 * ln((('x' || substr(digest, 49, 8))::bit(32)::bigint + 0.5) / 4294967296.0::float8)) as radius_3,
        2 * pi() * ((('x' || substr(digest, 57, 8))::bit(32)::bigint + 0.5) / 4294967296.0::float8) as angle_3
      from (
        select
          number,
          encode(sha256(convert_to(seed || ':' || label || ':' || number, 'UTF8')), 'hex') as digest
        from generate_series(0, (count - 1) / 8) as number
        offset 0
      ) as hashed
      offset 0
    ) as block
    order by number))[:count];
end
$$;

comment on function lsh_internal.normals(int, text, int, float8) is
  'Normal numbers with standard deviation "scale": the Box-Muller transform of pairs of numbers of lsh_internal.uniforms.';
