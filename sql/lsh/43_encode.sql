create or replace function lsh_internal.assert_dims(family lsh.family, x @vector@.vector)
  returns void
  language plpgsql immutable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  if x is null then
    raise exception 'the vector is null'
      using errcode = 'null_value_not_allowed', hint = 'Pass a vector of the family''s dimension.';
  elsif @vector@.vector_dims(x) <> family.dims then
    raise exception 'vector has % dimensions, family "%" has %', @vector@.vector_dims(x), family.name, family.dims
      using errcode = 'LSH02', hint = 'Encode the query with the encoder of the stored vectors.';
  end if;
end
$$;

comment on function lsh_internal.assert_dims(lsh.family, @vector@.vector) is
  'Raises unless the vector has the dimension of the family.';

create or replace function lsh.encode(family text, x @vector@.vector)
  returns bit
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  chosen lsh.family := lsh_internal.require_family(family);
begin
  perform lsh_internal.assert_dims(chosen, x);
  return (select hashed.code from lsh_internal.hashed(chosen.id, chosen.token, x) as hashed);
end
$$;

comment on function lsh.encode(text, @vector@.vector) is
  'Code of a vector, bit(bits of the family). Codes of a residual or scalar family are comparable only within a bucket.';

create or replace function lsh.probes(family text, x @vector@.vector, n int)
  returns int[]
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
declare
  chosen lsh.family := lsh_internal.require_family(family);
begin
  perform lsh_internal.assert_dims(chosen, x);
  if n is null or n < 1 then
    raise exception 'the number of probes must be at least 1, not %', n
      using errcode = 'invalid_parameter_value', hint = '1 visits the bucket of the query alone.';
  end if;
  return lsh_internal.probes(chosen.id, chosen.token, x, n);
end
$$;

comment on function lsh.probes(text, @vector@.vector, int) is
  'The n buckets to visit for a query, best first.';
