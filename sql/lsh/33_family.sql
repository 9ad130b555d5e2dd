create or replace function lsh._sent(projection lsh.projection)
  returns bytea
  language sql immutable parallel safe
begin atomic
  select vector_send((projection).weight) || float8send(coalesce((projection).phase, 0))
    || float8send((projection).threshold) || int4send(coalesce((projection).parent, -1))
    || coalesce(vector_send((projection).image), '');
end;

comment on function lsh._sent(lsh.projection) is 'What a checksum takes of a projection.';

create or replace function lsh._checksum(family lsh.family)
  returns text
  language sql stable parallel safe
begin atomic
  select encode(
    sha256(
      convert_to(concat_ws('|', (family).kind, (family).dims, (family).bits, (family).levels, (family).version,
          (family).bucket_kind, ''), 'UTF8')
        || float8send(coalesce((family).bandwidth, 0))
        || vector_send((family).center)
        || string_agg(lsh._sent(projection), ''
          order by array_position(array['code', 'bucket', 'group'], projection.purpose), projection.ordinal)),
    'hex')
  from lsh.projection
  where projection.family_id = (family).id;
end;

comment on function lsh._checksum(lsh.family) is
  'sha256 over what decides a code or a bucket; the client computes the same from what it has read.';

create or replace function lsh.family_checksum(family text)
  returns text
  language sql stable parallel safe
begin atomic
  select lsh._checksum(family) from lsh.family where family.name = family_checksum.family;
end;

comment on function lsh.family_checksum(text) is
  'Recomputes the checksum of a family from its parameters; differs from lsh.family.checksum when they were tampered with.';

create or replace function lsh._require_family(family text)
  returns lsh.family
  language plpgsql stable
  set search_path from current
as $$
declare
  found lsh.family;
begin
  select * into found from lsh.family where family.name = _require_family.family;
  if found.id is null then
    raise exception 'hash family "%" does not exist', family
      using errcode = 'LSH01', hint = 'List the families with "select name from lsh.family".';
  end if;
  return found;
end
$$;

comment on function lsh._require_family(text) is 'The family of that name; an error where there is none.';

create or replace function lsh.drop_family(family text)
  returns void
  language plpgsql
  set search_path from current
as $$
declare
  chosen lsh.family := lsh._require_family(family);
  user_name text := (select index.name from lsh.index where index.family_id = chosen.id limit 1);
begin
  if user_name is not null then
    raise exception 'hash family "%" is used by index "%"', family, user_name
      using errcode = 'dependent_objects_still_exist',
            hint = format('Drop the index first: "select lsh.drop_index(%L)".', user_name);
  end if;
  delete from lsh.family where family.id = chosen.id;
end
$$;

comment on function lsh.drop_family(text) is 'Removes a hash family that no index uses.';

create or replace function lsh._seal(family text)
  returns text
  language plpgsql
  set search_path from current
as $$
declare
  sealed lsh.family := lsh._require_family(family);
begin
  if sealed.checksum <> '' then
    raise exception 'family "%" is complete', family
      using errcode = 'object_not_in_prerequisite_state', hint = 'Families are immutable; create another.';
  end if;
  update lsh.family set checksum = lsh._checksum(sealed) where family.id = sealed.id returning family.checksum into sealed.checksum;
  -- Without statistics the planner takes the key for the way in, and encoding takes ten times as long.
  analyze lsh.projection (family_id, purpose, ordinal, parent);
  return sealed.checksum;
end
$$;

comment on function lsh._seal(text) is
  'Completes a family whose projections are all in: sets its checksum, after which nothing of it can change, and returns it.';

create or replace function lsh._refuse_update()
  returns trigger
  language plpgsql
  set search_path from current
as $$
begin
  raise exception 'hash families are immutable'
    using errcode = 'object_not_in_prerequisite_state',
          hint = 'New parameters are a new family: "select lsh.create_family(…)".';
end
$$;

create or replace trigger immutable
  before update on lsh.family
  for each row when (old.checksum <> '') execute function lsh._refuse_update();

create or replace trigger immutable
  before update on lsh.projection
  for each statement execute function lsh._refuse_update();
