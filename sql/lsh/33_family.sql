create or replace function lsh_internal.checksum_bytes(projection lsh.projection)
  returns bytea
  language sql immutable parallel safe
begin atomic
  select @vector@.vector_send((projection).weight) || float8send(coalesce((projection).phase, 0::float8))
    || float8send((projection).threshold) || int4send(coalesce((projection).parent, -1));
end;

comment on function lsh_internal.checksum_bytes(lsh.projection) is
  'Bytes of a projection that the checksum of its family covers.';

-- Only functions that run with the rights of the owner of this schema read the directions of a family. They read no
-- table of another schema, and they require the token of the family, which only roles that may use the family can read.
-- So calling one of them directly reveals no more than the public functions do.

create or replace function lsh_internal.assert_token(family_id int, token uuid)
  returns void
  language plpgsql stable parallel safe
  set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (
    select from lsh.family where family.id = assert_token.family_id and family.token = assert_token.token)
  then
    raise exception 'no hash family has number % and this token', family_id
      using errcode = 'insufficient_privilege', hint = 'Read both from lsh.family as a role that may use the family.';
  end if;
end
$$;

comment on function lsh_internal.assert_token(int, uuid) is 'Raises unless the caller proves that it may use a family.';

create or replace function lsh_internal.parameters(family_id int, token uuid)
  returns setof lsh.projection
  language plpgsql stable parallel safe security definer
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform lsh_internal.assert_token(family_id, token);
  return query
    select projection.*
    from lsh.projection
    where projection.family_id = parameters.family_id
    order by projection.ordinal;
end
$$;

comment on function lsh_internal.parameters(int, uuid) is
  'Directions and cells of a family, for clients that compute codes themselves.';

create or replace function lsh_internal.checksum(family_id int, token uuid)
  returns text
  language plpgsql stable parallel safe security definer
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform lsh_internal.assert_token(family_id, token);
  return (
    select encode(
      sha256(
        convert_to(concat_ws('|', family.kind, family.dims, family.bits, family.levels, family.version,
            family.bucket_kind, ''), 'UTF8')
          || float8send(coalesce(family.bandwidth, 0))
          || @vector@.vector_send(family.center)
          || (
            select string_agg(lsh_internal.checksum_bytes(projection), ''
              order by array_position(array['code', 'bucket', 'group', 'image'], projection.purpose), projection.ordinal)
            from lsh.projection
            where projection.family_id = family.id)),
      'hex')
    from lsh.family
    where family.id = checksum.family_id);
end
$$;

comment on function lsh_internal.checksum(int, uuid) is
  'sha256 over all parameters that determine codes and buckets; the client computes the same from the rows that it has read.';

create or replace function lsh_internal.require_family(family text)
  returns lsh.family
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  found lsh.family;
begin
  select * into found from lsh.family where family.name = require_family.family;
  if found.id is null then
    raise exception 'hash family "%" does not exist', family
      using errcode = 'LSH01', hint = 'List the families that you may use with "select name from lsh.family".';
  end if;
  return found;
end
$$;

comment on function lsh_internal.require_family(text) is 'Family with that name. Raises an error if it does not exist.';

create or replace function lsh.family_checksum(family text)
  returns text
  language plpgsql stable parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  chosen lsh.family := lsh_internal.require_family(family);
begin
  return lsh_internal.checksum(chosen.id, chosen.token);
end
$$;

comment on function lsh.family_checksum(text) is
  'Recomputes the checksum of a family from its parameters. It differs from lsh.family.checksum if they were tampered with.';

create or replace function lsh_internal.has_role(role name)
  returns boolean
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- Looks the role up by its name, since a dump may be restored where the role does not exist. The owner of this schema
  -- has the rights of an owner on every family.
  return (
    select exists (
      select
      from pg_class
        left join pg_roles on pg_roles.rolname = role
      where pg_class.oid = 'lsh.family'::regclass
        and (pg_has_role(pg_class.relowner, 'usage') or pg_has_role(pg_roles.oid, 'usage'))));
end
$$;

comment on function lsh_internal.has_role(name) is
  'Whether the caller has the rights of a role, or of the owner of the schema lsh.';

create or replace function lsh_internal.assert_family_owner(family lsh.family)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if not lsh_internal.has_role(family.owner) then
    raise exception 'must be owner of hash family "%"', family.name
      using errcode = 'insufficient_privilege', hint = format('Ask role %I, which created it, or a superuser.', family.owner);
  end if;
end
$$;

comment on function lsh_internal.assert_family_owner(lsh.family) is 'Raises unless the caller may complete or drop a family.';

create or replace function lsh.drop_family(family text)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  chosen lsh.family := lsh_internal.require_family(family);
  user_name text := (select index.name from lsh.index where index.family_id = chosen.id limit 1);
begin
  perform lsh_internal.assert_family_owner(chosen);
  if user_name is not null then
    raise exception 'hash family "%" is used by index "%"', family, user_name
      using errcode = 'dependent_objects_still_exist',
            hint = format('Drop the index first: "select lsh.drop_index(%L)".', user_name);
  end if;
  delete from lsh.family where family.id = chosen.id;
end
$$;

comment on function lsh.drop_family(text) is 'Removes a hash family that no index uses.';
