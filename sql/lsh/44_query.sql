-- The functions members and hashed_query run with the rights of the owner of this schema. They read only tables of this
-- schema and require the token of the family.

create or replace function lsh_internal.member_codes(family_id int, centered @vector@.vector, buckets int[])
  returns table (bucket int, code bit varying, size float8)
  language plpgsql stable parallel safe rows 100
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off set jit = off
as $$
#variable_conflict use_column
declare
  products constant @vector@.vector := lsh_internal.products(member_codes.family_id, member_codes.centered);
begin
  -- The query has a different code in each cell: its products minus those of the centre, which the family stores.
  return query
    select
      listed.bucket,
      @vector@.binary_quantize(@vector@.vector_sub(products, image.weight))::bit varying,
      @vector@.l1_distance(products, image.weight)
    from unnest(member_codes.buckets) with ordinality as listed (bucket, place)
      cross join lateral (
        select near.weight
        from lsh.projection as near
        where near.family_id = member_codes.family_id
          and near.purpose = 'image'
          and near.ordinal = listed.bucket
        offset 0
      ) as image;
end
$$;

comment on function lsh_internal.member_codes(int, @vector@.vector, int[]) is
  'A centred query of a residual family as a member of some cells: its code in each cell and the sum of the sizes of its margins there.';

create or replace function lsh_internal.members(family_id int, token uuid, x @vector@.vector, buckets int[])
  returns table (bucket int, code bit varying)
  language plpgsql stable parallel safe security definer rows 100
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  perform lsh_internal.assert_token(members.family_id, members.token);
  return query
    select member.bucket, member.code
    from lsh.family
      cross join lateral lsh_internal.member_codes(
        family.id, lsh_internal.difference(members.x, family.center), members.buckets) as member
    where family.id = members.family_id
      and family.kind = 'residual';
end
$$;

comment on function lsh_internal.members(int, uuid, @vector@.vector, int[]) is
  'Codes of a query of a residual family in some cells; no rows for other kinds.';

create or replace function lsh_internal.widened(probes int, bucket_count int)
  returns float8
  language sql immutable parallel safe
  return case when probes < bucket_count then probes / (1::float8 - probes / bucket_count::float8) else 'infinity' end;

comment on function lsh_internal.widened(int, int) is
  'How far a search with so many probes reaches for cells, as a number of probes in a family of many cells: hardly more for few probes, and infinity for as many as there are cells.';

create or replace function lsh_internal.hashed_query(
  family_id int, token uuid, x @vector@.vector, probes int, finely boolean default false
)
  returns lsh_internal.query
  language plpgsql stable parallel safe security definer
  set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off set jit = off
as $$
declare
  kind text;
  bucket_kind text;
  bucket_count int;
  levels int;
  centered @vector@.vector;
  asked lsh_internal.query;
begin
  select family.kind, family.bucket_kind, family.bucket_count, family.levels, lsh_internal.difference(x, family.center)
  into kind, bucket_kind, bucket_count, levels, centered
  from lsh.family
  where family.id = hashed_query.family_id
    and family.token = hashed_query.token;
  if kind is null then
    perform lsh_internal.assert_token(family_id, token);
  end if;
  asked.vector := x;
  asked.length := @vector@.vector_norm(centered);
  if kind = 'scalar' then
    select described.code, described.planes, described.step, described.size
    into asked.code, asked.planes, asked.step, asked.size
    from lsh_internal.described_finely(family_id, centered) as described;
  elsif kind <> 'residual' then
    select described.code, described.planes, described.step, described.size
    into asked.code, asked.planes, asked.step, asked.size
    from lsh_internal.described(family_id, centered) as described;
  end if;
  if probes is null then
    return asked;
  elsif bucket_kind <> 'voronoi' then
    asked.buckets := lsh_internal.number_probes(family_id, bucket_kind, levels, centered, probes);
    return asked;
  end if;
  select near.buckets, near.distances into asked.buckets, asked.distances
  from lsh_internal.near_cells(family_id, centered, probes) as near;
  -- The i-th of the nearest cells is visited if it is at most sqrt(1 + sqrt(w / i) / 2) times as far as the nearest, where
  -- w is lsh_internal.widened.
  if probes < bucket_count then
    select array_agg(near.bucket), array_agg(near.distance)
    into asked.buckets, asked.distances
    from unnest(asked.buckets, asked.distances) with ordinality as near (bucket, distance, place)
      -- If the query equals a centre, its distance of 0 would exclude all other cells: so the next distance counts.
      cross join (
        select min(listed.distance) as nearest from unnest(asked.distances) as listed (distance) where listed.distance > 0
      ) as reach
    where near.distance <= coalesce(reach.nearest, 0) * (1 + sqrt(lsh_internal.widened(probes, bucket_count) / near.place) / 2);
  end if;
  if kind = 'scalar' then
    -- The estimate of <y, q> is <c, q> plus the part that the code adds.
    asked.sizes := array(
      select asked.size + @vector@.inner_product(cell.weight, centered)
      from unnest(asked.buckets) with ordinality as listed (bucket, place)
        cross join lateral (
          select near.weight
          from lsh.projection as near
          where near.family_id = hashed_query.family_id and near.purpose = 'bucket' and near.ordinal = listed.bucket
          offset 0
        ) as cell
      order by listed.place);
  elsif kind = 'residual' then
    select array_agg(member.code), array_agg(member.size)
    into asked.codes, asked.sizes
    from lsh_internal.member_codes(family_id, centered, asked.buckets) as member;
    if finely then
      select made.planes, made.steps into asked.planes, asked.steps
      from lsh_internal.member_margins(family_id, centered, asked.buckets) as made;
    end if;
  end if;
  return asked;
end
$$;

comment on function lsh_internal.hashed_query(int, uuid, @vector@.vector, int, boolean) is
  'A query hashed by a family, with the buckets to visit; without probes none. "finely" adds its margins in each cell, for kind residual.';
