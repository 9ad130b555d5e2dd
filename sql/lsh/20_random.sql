-- Random numbers that depend on nothing but their labels: counter mode of SHA-256. The server's own
-- generator would tie a family to a session and to a server version.

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

create or replace function lsh_internal.normals(seed int, label text, count int)
  returns table (ordinal int, value float8)
  language sql immutable parallel safe
begin atomic
  select
    (pair.number * 2 + turn.number)::int as ordinal,
    pair.radius * case turn.number when 0 then cos(pair.angle) else sin(pair.angle) end as value
  from (
      select
        uniform.ordinal / 2 as number,
        sqrt(-2 * ln(min(uniform.value) filter (where uniform.ordinal % 2 = 0))) as radius,
        2 * pi() * min(uniform.value) filter (where uniform.ordinal % 2 = 1) as angle
      from lsh_internal.uniforms(seed, label, count + count % 2) as uniform
      group by uniform.ordinal / 2
    ) as pair
    cross join generate_series(0, 1) as turn (number)
  where pair.number * 2 + turn.number < count;
end;

comment on function lsh_internal.normals(int, text, int) is
  'Standard normal numbers from pairs of uniform ones, by Box and Muller.';
