create or replace function lsh._centered(family_id int, x vector)
  returns vector
  language sql stable parallel safe
begin atomic
  select x - family.center
  from lsh.family
  where family.id = _centered.family_id;
end;

create or replace function lsh._code(family_id int, x vector)
  returns bit
  language sql stable parallel safe
begin atomic
  -- "offset 0" keeps the subtraction out of the loop over the bits.
  select binary_quantize(
    array_agg(
      cos(inner_product(projection.weight, centered.value) + projection.phase) + projection.threshold
      order by projection.ordinal)::vector)
  from (select lsh._centered(family_id, x) as value offset 0) as centered
    join lsh.projection
      on projection.family_id = _code.family_id
      and projection.purpose = 'code';
end;

comment on function lsh._code(int, vector) is
  'Kernel code: bit i is 1 where cos(<w_i, x> + b_i) + t_i > 0 (Raginsky and Lazebnik, NIPS 2009).';

create or replace function lsh._bucket(family_id int, x vector)
  returns int
  language sql stable parallel safe
begin atomic
  select coalesce(sum(
    case when inner_product(projection.weight, centered.value) + projection.threshold > 0
      then 1 << projection.ordinal
      else 0
    end), 0)::int
  from (select lsh._centered(family_id, x) as value offset 0) as centered
    join lsh.projection
      on projection.family_id = _bucket.family_id
      and projection.purpose = 'bucket';
end;

comment on function lsh._bucket(int, vector) is
  'Bucket of a vector: one balanced sign bit for each bucket direction.';

create or replace function lsh._probes(family_id int, x vector, count int)
  returns int[]
  language plpgsql stable parallel safe
  set search_path from current
as $$
declare
  buckets int[] := array[lsh._bucket(family_id, x)];
  costs float8[] := array[0];
  flip record;
begin
  -- The best sets of flips among the first j bits contain the best among the first j - 1, so that
  -- keeping "count" of them after each bit loses none. Cost: squared margins (Lv et al., VLDB 2007).
  for flip in
    select 1 << projection.ordinal as mask,
      (inner_product(projection.weight, centered.value) + projection.threshold) ^ 2 as cost
    from (select lsh._centered(_probes.family_id, x) as value offset 0) as centered
      cross join lsh.projection
    where projection.family_id = _probes.family_id
      and projection.purpose = 'bucket'
    order by cost, projection.ordinal
  loop
    select array_agg(best.bucket order by best.cost, best.bucket), array_agg(best.cost order by best.cost, best.bucket)
    into buckets, costs
    from (
      select kept.bucket, kept.cost
      from unnest(buckets, costs) as kept (bucket, cost)
      union all
      select kept.bucket # flip.mask, kept.cost + flip.cost
      from unnest(buckets, costs) as kept (bucket, cost)
      order by 2, 1
      limit _probes.count
    ) as best;
  end loop;
  return buckets;
end
$$;

comment on function lsh._probes(int, vector, int) is
  'Buckets of a query, best first; fewer than asked for where there are no more.';

create or replace function lsh._assert_dims(family lsh.family, x vector)
  returns void
  language plpgsql immutable parallel safe
  set search_path from current
as $$
begin
  if x is null then
    raise exception 'the vector is null'
      using errcode = 'null_value_not_allowed', hint = 'Pass a vector of the family''s dimension.';
  elsif vector_dims(x) <> family.dims then
    raise exception 'vector has % dimensions, family "%" has %', vector_dims(x), family.name, family.dims
      using errcode = 'LSH02', hint = 'Encode the query with the encoder of the stored vectors.';
  end if;
end
$$;

comment on function lsh._assert_dims(lsh.family, vector) is
  'Raises unless the vector has the dimension of the family.';

create or replace function lsh.encode(family text, x vector)
  returns bit
  language plpgsql stable parallel safe
  set search_path from current
as $$
declare
  chosen lsh.family := lsh._require_family(family);
begin
  perform lsh._assert_dims(chosen, x);
  return lsh._code(chosen.id, x);
end
$$;

comment on function lsh.encode(text, vector) is
  'Code of a vector, bit(bits of the family).';

create or replace function lsh.probes(family text, x vector, n int)
  returns int[]
  language plpgsql stable parallel safe
  set search_path from current
as $$
declare
  chosen lsh.family := lsh._require_family(family);
begin
  perform lsh._assert_dims(chosen, x);
  if n is null or n < 1 then
    raise exception 'the number of probes is at least 1, not %', n
      using errcode = 'invalid_parameter_value', hint = '1 visits the bucket of the query alone.';
  end if;
  return lsh._probes(chosen.id, x, n);
end
$$;

comment on function lsh.probes(text, vector, int) is
  'The n buckets to visit for a query, best first.';
