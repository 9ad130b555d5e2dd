create or replace function cbir._indexes_of_spaces()
  returns setof text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return query
    select index.name
    from lsh.index
      join pg_class on pg_class.oid = index.relation
    where relnamespace = 'space'::regnamespace
    order by index.id;
end
$$;

comment on function cbir._indexes_of_spaces() is 'Names of the hash indexes of all spaces.';

create or replace function cbir._assert_own()
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if not lsh_internal.owns('cbir.plan') then
    -- PostgreSQL itself would only warn.
    raise exception 'must be owner of schema cbir'
      using errcode = 'insufficient_privilege',
            hint = format('Let role %I run this, or a superuser.', lsh_internal.owner_of('cbir.plan'));
  end if;
end
$$;

comment on function cbir._assert_own() is 'Raises unless the caller has the rights of the owner of the schema cbir.';

create or replace function cbir.grant_reader(role name)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  grantee text;
  index text;
begin
  perform cbir._assert_own();
  grantee := lsh_internal.grantee(role);
  execute format('grant usage on schema cbir, space to %s', grantee);
  execute format('grant select on all tables in schema cbir, space to %s', grantee);
  for index in select cbir._indexes_of_spaces() loop
    perform lsh.grant_search(index, role);
  end loop;
end
$$;

comment on function cbir.grant_reader(name) is
  'Allows a role, or public, to read all plans and images and to search all spaces that exist now. Run it again after you create a space or an index.';

create or replace function cbir.revoke_reader(role name)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  grantee text;
  index text;
begin
  perform cbir._assert_own();
  grantee := lsh_internal.grantee(role);
  for index in select cbir._indexes_of_spaces() loop
    perform lsh.revoke_search(index, role);
  end loop;
  execute format('revoke select on all tables in schema cbir, space from %s', grantee);
  execute format('revoke usage on schema cbir, space from %s', grantee);
end
$$;

comment on function cbir.revoke_reader(name) is 'Revokes the rights that cbir.grant_reader granted.';
