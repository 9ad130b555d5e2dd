-- Privileges. Every role may call the functions, which run with the caller's rights unless they say otherwise, and may
-- list the indexes, as in PostgreSQL's own catalogue. A role that may search an index of a family can read the row of
-- the family. No role can read directions (see lsh_internal.parameters). lsh.grant_search grants access to codes.

grant usage on schema lsh, lsh_internal, lsh_index to public;
grant select on lsh.index, lsh.family, lsh.index_check, lsh.health, lsh.recall_sample, lsh.sampled_recall to public;
-- The database sets the time of a sample.
grant insert (index_id, family_id, k, recall) on lsh.recall_sample to public;
-- Only the owner may see last_key, the key that a build has reached.
grant select (index_id, done, total, started_at, updated_at) on lsh.index_progress to public;

alter table lsh.family enable row level security;
alter table lsh.projection enable row level security;
alter table lsh.index enable row level security;
alter table lsh.index_progress enable row level security;
alter table lsh.index_check enable row level security;
alter table lsh.recall_sample enable row level security;

create or replace function lsh_internal.may_use(family lsh.family)
  returns boolean
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select lsh_internal.has_role((family).owner)
      or exists (
        select from lsh.index
        where index.family_id = (family).id
          and has_table_privilege(index.codes, 'select')));
end
$$;

comment on function lsh_internal.may_use(lsh.family) is
  'Whether the caller may hash by a family: as its owner, or as a role that may search an index of it.';

create or replace function lsh_internal.may_use_family(family_id int)
  returns boolean
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (select from lsh.family where family.id = family_id);
end
$$;

comment on function lsh_internal.may_use_family(int) is 'Whether the caller may use the family of that number.';

drop policy if exists usable on lsh.family;
create policy usable on lsh.family for select using (lsh_internal.may_use(family));
drop policy if exists own on lsh.family;
create policy own on lsh.family using (lsh_internal.has_role(owner)) with check (lsh_internal.has_role(owner));

drop policy if exists own on lsh.projection;
create policy own on lsh.projection for insert with check (exists (
  select from lsh.family
  where family.id = projection.family_id and family.checksum = '' and lsh_internal.has_role(family.owner)));

drop policy if exists all_see on lsh.index;
create policy all_see on lsh.index for select using (true);
drop policy if exists own on lsh.index;
create policy own on lsh.index
  using (lsh_internal.owns(relation) or lsh_internal.owns(codes))
  -- Without the last condition, a role could see a family of another role by registering an index of its own with it.
  with check (lsh_internal.owns(relation) and lsh_internal.owns(codes) and lsh_internal.may_use_family(family_id));

drop policy if exists all_see on lsh.index_progress;
create policy all_see on lsh.index_progress for select using (true);
drop policy if exists own on lsh.index_progress;
create policy own on lsh.index_progress
  using (exists (select from lsh.index where index.id = index_progress.index_id and lsh_internal.owns(index.relation)));

-- Only a role that sees all vectors may see how they are distributed.
drop policy if exists own on lsh.index_check;
create policy own on lsh.index_check
  using (exists (select from lsh.index where index.id = index_check.index_id and lsh_internal.owns(index.relation)));

-- A role that may search an index can add measurements of it, but sees none.
drop policy if exists add on lsh.recall_sample;
create policy add on lsh.recall_sample for insert
  with check (exists (
    select from lsh.index where index.id = recall_sample.index_id and has_table_privilege(index.codes, 'select')));
drop policy if exists own on lsh.recall_sample;
create policy own on lsh.recall_sample
  using (exists (select from lsh.index where index.id = recall_sample.index_id and lsh_internal.owns(index.relation)));

create or replace function lsh_internal.grantee(role name)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if role = 'public' then
    return role;
  elsif role is null or not exists (select from pg_roles where rolname = role) then
    raise exception 'role "%" does not exist', coalesce(role, 'null')
      using errcode = 'undefined_object', hint = 'Create it first: "create role ...".';
  end if;
  return quote_ident(role);
end
$$;

comment on function lsh_internal.grantee(name) is
  'A role, or public, as a grant names it. Raises an error if the role does not exist.';

create or replace function lsh_internal.warn_of_schemas(relation regclass, role name)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  closed name;
begin
  for closed in
    select nspname
    from pg_namespace
    where oid in (
        (select relnamespace from pg_class where oid = relation),
        (select typnamespace from pg_type where oid = '@vector@.vector'::regtype))
      and role <> 'public'
      and not has_schema_privilege(role, oid, 'usage')
  loop
    raise warning 'role "%" may not use schema "%"', role, closed
      using hint = format('Let the owner of the schema run "grant usage on schema %I to %I".', closed, role);
  end loop;
end
$$;

comment on function lsh_internal.warn_of_schemas(regclass, name) is
  'Warns of schemas that a role must be able to use for a search.';

create or replace function lsh.grant_search(index text, role name)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  chosen lsh.index := lsh_internal.require_index(index);
  grantee text;
begin
  perform lsh_internal.assert_owner(chosen);
  grantee := lsh_internal.grantee(role);
  execute format('grant select (%I, %I) on %s to %s', chosen.key_column, chosen.vector_column, chosen.relation, grantee);
  execute format('grant select on %s to %s', chosen.codes, grantee);
  perform lsh_internal.warn_of_schemas(chosen.relation, role);
end
$$;

comment on function lsh.grant_search(text, name) is
  'Allows a role, or public, to search an index: to read the keys and vectors of the table, and the codes of the rows that the policies of the table show it.';

create or replace function lsh.revoke_search(index text, role name)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  chosen lsh.index := lsh_internal.require_index(index);
  grantee text;
begin
  perform lsh_internal.assert_owner(chosen);
  grantee := lsh_internal.grantee(role);
  execute format('revoke select on %s from %s', chosen.codes, grantee);
  execute format('revoke select (%I, %I) on %s from %s', chosen.key_column, chosen.vector_column, chosen.relation, grantee);
end
$$;

comment on function lsh.revoke_search(text, name) is
  'Revokes the rights that lsh.grant_search granted. A right to read the whole table stays.';

create or replace function lsh_internal.columns_but(relation regclass, others name[])
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select string_agg(quote_ident(attname), ', ' order by attnum)
    from pg_attribute where attrelid = relation and attnum > 0 and not attisdropped and attname <> all (others));
end
$$;

comment on function lsh_internal.columns_but(regclass, name[]) is
  'Columns of a table except some, as a grant lists them.';

create or replace function lsh.grant_create(role name)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  grantee text;
begin
  grantee := lsh_internal.grantee(role);
  if not lsh_internal.owns('lsh.index') then
    -- PostgreSQL itself would only warn.
    raise exception 'must be owner of schema lsh'
      using errcode = 'insufficient_privilege',
            hint = format('Let role %I run this, or a superuser.', lsh_internal.owner_of('lsh.index'));
  end if;
  execute format('grant create on schema lsh_index to %s', grantee);
  -- Sequences assign the ids, and an index keeps its name and its table.
  execute format('grant insert (%s), update (%s), delete on lsh.index to %s',
    lsh_internal.columns_but('lsh.index', '{id}'), lsh_internal.columns_but('lsh.index', '{id,name,relation,created_at}'), grantee);
  execute format('grant select, insert, delete, update on lsh.index_progress to %s', grantee);
  execute format('grant insert, delete on lsh.index_check to %s', grantee);
  execute format('grant delete on lsh.recall_sample to %s', grantee);
  execute format('grant insert (%s), update (checksum), delete on lsh.family to %s', lsh_internal.columns_but('lsh.family', '{id}'), grantee);
  execute format('grant insert on lsh.projection to %s', grantee);
end
$$;

comment on function lsh.grant_create(name) is
  'Allows a role to create hash families, and indexes on its own tables. The owner of the schema lsh grants it.';
