-- Functions that run with the rights of the owner of this schema. They read only tables of this schema and require the
-- token of the family.

create or replace function lsh_internal.hashed(family_id int, token uuid, x @vector@.vector)
  returns table (bucket int, code bit, norm real, scale real)
  language plpgsql stable parallel safe security definer rows 1
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_generic_plan
as $$
declare
  kind text;
  bucket_kind text;
  levels int;
  rest @vector@.vector;
  products @vector@.vector;
  size float8;
begin
  select family.kind, family.bucket_kind, family.levels, lsh_internal.difference(x, family.center)
  into kind, bucket_kind, levels, rest
  from lsh.family
  where family.id = hashed.family_id
    and family.token = hashed.token;
  if kind is null then
    perform lsh_internal.assert_token(family_id, token);
  end if;
  bucket := lsh_internal.bucket(family_id, bucket_kind, levels, rest);
  rest := lsh_internal.rest(family_id, kind, rest, bucket);
  -- Assigns the columns of the only row: a query that returned them would take longer.
  if kind = 'scalar' then
    select made.code, lsh_internal.as_real(made.length), 1
    into code, norm, scale
    from lsh_internal.scalar_code(family_id, rest, bucket) as made;
  elsif lsh_internal.estimates(kind) then
    -- The margins of these kinds are the products alone. Functions of pgvector sum them in a fraction of the time of an
    -- aggregate over rows.
    products := lsh_internal.products(family_id, rest);
    size := @vector@.vector_norm(rest);
    code := @vector@.binary_quantize(products);
    norm := lsh_internal.as_real(size);
    -- The scale of the estimate (Gao and Long, SIGMOD 2024): <x, y> is about scale * sum of +-<w_i, y>.
    scale := lsh_internal.as_real(coalesce(
      case kind when 'itq' then @vector@.vector_norm(products) else size end ^ 2
        / nullif(@vector@.l1_distance(products, @vector@.vector_sub(products, products)), 0), 0));
  else
    code := @vector@.binary_quantize(array(
      select margin.value from lsh_internal.margins(family_id, rest) as margin order by margin.ordinal)::@vector@.vector);
  end if;
  return next;
end
$$;

comment on function lsh_internal.hashed(int, uuid, @vector@.vector) is
  'Row of a code table for a vector: bucket, code and, for kinds that estimate distances, the length and scale of the estimate.';

create or replace function lsh_internal.agrees(family_id int, token uuid, x @vector@.vector, code bit, bucket int)
  returns boolean
  language plpgsql stable parallel safe security definer
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_generic_plan
as $$
declare
  chosen lsh.family;
  centered @vector@.vector;
  rest @vector@.vector;
  -- The rounding of a sum of 4-byte numbers depends on its order, so the sign of a margin this close to zero is
  -- uncertain.
  near_zero float8;
begin
  select * into chosen
  from lsh.family
  where family.id = agrees.family_id and family.token = agrees.token;
  if chosen.id is null then
    perform lsh_internal.assert_token(agrees.family_id, agrees.token);
  elsif @vector@.vector_dims(x) <> chosen.dims or length(code) <> chosen.bits then
    return false;
  end if;
  centered := lsh_internal.difference(x, chosen.center);
  near_zero := 1e-4 * (1 + @vector@.vector_norm(centered));
  rest := lsh_internal.rest(agrees.family_id, chosen.kind, centered, bucket);
  if rest is null or exists (
    select
    from lsh_internal.margins(agrees.family_id, rest) as margin
    where (get_bit(agrees.code, margin.ordinal) = 1) <> (margin.value > 0)
      and abs(margin.value) > near_zero)
  then
    return false;
  elsif chosen.bucket_kind = 'voronoi' then
    return coalesce((
      select @vector@.vector_l2_squared_distance(stored.weight, centered) <= 1e-9 + 1.0001 * (
        select min(cell.distance) from lsh_internal.cells(agrees.family_id, centered, 2, 1) as cell)
      from lsh.projection as stored
      where stored.family_id = agrees.family_id
        and stored.purpose = 'bucket'
        and stored.ordinal = agrees.bucket), false);
  end if;
  return not exists (
    select
    from lsh.projection as slice
      cross join lateral (
        select @vector@.inner_product(slice.weight, centered) + slice.threshold as value
      ) as margin
    where slice.family_id = agrees.family_id
      and slice.purpose = 'bucket'
      and (agrees.bucket / (chosen.levels ^ (slice.ordinal / (chosen.levels - 1)))::int % chosen.levels
        > slice.ordinal % (chosen.levels - 1)) <> (margin.value > 0)
      and abs(margin.value) > near_zero);
end
$$;

comment on function lsh_internal.agrees(int, uuid, @vector@.vector, bit, int) is
  'Whether code and bucket belong to the vector. Ignores bits whose margin is so small that rounding decides their value.';
