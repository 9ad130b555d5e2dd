create or replace function lsh._agrees(family_id int, x vector, code bit, bucket int)
  returns boolean
  language sql stable parallel safe
begin atomic
  -- Sums of 4-byte numbers come out otherwise in another order: a margin that near to zero has no sure sign.
  select
    not exists (
      select
      from (select lsh._rest(family_id, x, bucket) as value offset 0) as rest
        cross join lateral lsh._margins(family_id, rest.value) as margin
      where (get_bit(_agrees.code, margin.ordinal) = 1) <> (margin.value > 0)
        and abs(margin.value) > 1e-4 * (1 + vector_norm(lsh._centered(family_id, x))))
    and case family.bucket_kind
      when 'voronoi' then (
        select vector_l2_squared_distance(stored.weight, lsh._centered(family_id, x)) <= 1e-9 + 1.0001 * (
          select min(cell.distance)
          from (select lsh._centered(family_id, x) as value offset 0) as centered
            cross join lateral lsh._cells(family_id, centered.value, 2) as cell)
        from lsh.projection as stored
        where stored.family_id = _agrees.family_id
          and stored.purpose = 'bucket'
          and stored.ordinal = _agrees.bucket)
      else not exists (
        select
        from lsh.projection as slice
          cross join lateral (
            select inner_product(slice.weight, x - family.center) + slice.threshold as value
          ) as margin
        where slice.family_id = _agrees.family_id
          and slice.purpose = 'bucket'
          and (_agrees.bucket / (family.levels ^ (slice.ordinal / (family.levels - 1)))::int % family.levels
            > slice.ordinal % (family.levels - 1)) <> (margin.value > 0)
          and abs(margin.value) > 1e-4 * (1 + vector_norm(lsh._centered(family_id, x))))
    end
  from lsh.family
  where family.id = _agrees.family_id;
end;

comment on function lsh._agrees(int, vector, bit, int) is
  'Whether code and bucket are those of the vector, but for bits so near to their threshold that rounding decides.';

create or replace function lsh._problems(index lsh.index)
  returns table (key text, problem text)
  language plpgsql stable
  set search_path from current
as $$
#variable_conflict use_column
begin
  return query execute format(
    'select
       coalesce(source.key, code.key)::text,
       case
         when code.key is null then ''missing''
         when source.key is null then ''orphaned''
         when exists (
           select from lsh.family as other
             join lsh.family as own on own.id = $1
           where other.id <> own.id and other.dims = own.dims and other.bits = own.bits
             and lsh._agrees(other.id, source.vector, code.code, code.bucket)) then ''wrong family''
         else ''stale''
       end
     from (select source.%1$I as key, source.%2$I as vector from %3$s as source where source.%2$I is not null) as source
       full join lsh_index.%4$I as code on code.key = source.key
     where code.key is null
       or source.key is null
       or not lsh._agrees($1, source.vector, code.code, code.bucket)
     order by 1',
    index.key_column, index.vector_column, index.relation, index.name)
  using index.family_id;
end
$$;

comment on function lsh._problems(lsh.index) is 'Rows whose code is not what it should be.';

create or replace function lsh.verify_index(index text, repair boolean default false)
  returns table (key text, problem text)
  language plpgsql
  set search_path from current
as $$
#variable_conflict use_column
declare
  chosen lsh.index := lsh._require_index(verify_index.index);
  keys text[];
  problems text[];
begin
  if repair then
    -- Or a writer could change a row between the look at it and its new code.
    execute format('lock table %s in share row exclusive mode', chosen.relation);
  end if;
  select array_agg(found.key order by found.key), array_agg(found.problem order by found.key)
  into keys, problems
  from lsh._problems(chosen) as found;
  if repair and keys is not null then
    execute format('delete from lsh_index.%I as code where code.key = any($1::%s[])', chosen.name, lsh._bare_type(chosen))
    using keys;
    execute lsh._encoding(chosen, format('source.%I = any($1::%s[])', chosen.key_column, lsh._bare_type(chosen)))
    using keys;
  end if;
  return query select * from unnest(keys, problems);
end
$$;

comment on function lsh.verify_index(text, boolean) is
  'Compares every code with its row and returns what is wrong: rows without a code (missing), codes without a row (orphaned), codes of an earlier vector (stale) or of another family (wrong family); nothing for an index in step. With repair those codes are computed anew.';
