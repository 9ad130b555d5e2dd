create or replace function lsh._checksum(
  kind text,
  dims int,
  bits int,
  bandwidth float8,
  center vector,
  version int,
  projections bytea
)
  returns text
  language sql immutable parallel safe
  return encode(
    sha256(
      convert_to(format('%s|%s|%s|%s|', kind, dims, bits, version), 'UTF8')
        || float8send(bandwidth) || vector_send(center) || projections),
    'hex');

comment on function lsh._checksum(text, int, int, float8, vector, int, bytea) is
  'sha256 over what decides a code; the client computes the same from what it has read.';

create or replace function lsh.family_checksum(family text)
  returns text
  language sql stable parallel safe
begin atomic
  select lsh._checksum(family.kind, family.dims, family.bits, family.bandwidth, family.center, family.version,
    string_agg(
      vector_send(projection.weight) || float8send(projection.phase) || float8send(projection.threshold),
      '' order by projection.purpose desc, projection.ordinal))
  from lsh.family
    join lsh.projection on projection.family_id = family.id
  where family.name = family_checksum.family
  group by family.id;
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
  for each statement execute function lsh._refuse_update();

create or replace trigger immutable
  before update on lsh.projection
  for each statement execute function lsh._refuse_update();
